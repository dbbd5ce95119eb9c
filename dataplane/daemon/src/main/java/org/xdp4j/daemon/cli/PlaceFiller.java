package org.xdp4j.daemon.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.CpuMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.text.ProgramPlace;
import org.xdp4j.bpf.text.TextException;

/** Puts programs, and places with programs, into maps. */
final class PlaceFiller {
  private PlaceFiller() {}

  /** Puts one into the map of this name. */
  static void put(LoadedObject loaded, String name, ProgramPlace place) throws TextException {
    String where = "map '%s': entry '%s': ".formatted(name, place.text());
    BpfMap map =
        loaded
            .map(name)
            .orElseThrow(
                () ->
                    new TextException("map '" + name + "' is not used by the program that is run"));
    if (place.program() == null) {
      putPlace(map, place, where);
      return;
    }
    XdpProgram program =
        loaded
            .program(place.program())
            .orElseThrow(
                () -> new TextException(where + "there is no program '" + place.program() + "'"));
    int result =
        switch (map) {
          case ProgramArrayMap array -> program.putInto(array, place.key());
          case DeviceMap devices -> program.putInto(devices, place.key(), number(place, where));
          case CpuMap cpus -> program.putInto(cpus, place.key(), number(place, where));
          default -> throw new TextException(where + "the map holds no programs");
        };
    if (result < 0) {
      throw new TextException(
          "%sthe map cannot hold program '%s': %s"
              .formatted(where, place.program(), program.objection(map, result)));
    }
  }

  private static void putPlace(BpfMap map, ProgramPlace place, String where) throws TextException {
    byte[] key = bytes(Integer.BYTES, place.key());
    byte[] value = bytes(map.spec().valueSize(), number(place, where));
    int result = map.put(key, value, BpfMap.ANY);
    if (result < 0) {
      throw new TextException(where + "the map refuses it (" + Errno.name(result) + ")");
    }
  }

  private static byte[] bytes(int size, int number) {
    byte[] bytes = new byte[size];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(0, number);
    return bytes;
  }

  private static int number(ProgramPlace place, String where) throws TextException {
    try {
      return Integer.parseUnsignedInt(place.value());
    } catch (NumberFormatException e) {
      throw new TextException(where + "'" + place.value() + "' is no number");
    }
  }
}
