package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HexFormat;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapType;

/** Tells what an object's maps hold after a run, and what came through those that are streams. */
final class MapsReport {
  private final PrintStream out;
  private final EventLog events;

  MapsReport(PrintStream out, EventLog events) {
    this.out = out;
    this.events = events;
  }

  /** Whether there is anything to be told of the object's maps. */
  boolean hasAny(LoadedObject object) {
    return object.maps().stream().anyMatch(map -> !isConstant(map));
  }

  /** For people, each map behind an empty line. */
  void print(LoadedObject object) {
    MapPrinter printer = new MapPrinter(out, object.object().btf());
    for (BpfMap map : object.maps()) {
      if (isConstant(map)) {
        continue;
      }
      out.println();
      if (isStream(map)) {
        printEvents(map);
      } else {
        printer.print(map);
      }
    }
  }

  /** Constants are no result. */
  private static boolean isConstant(BpfMap map) {
    return map.spec().frozen() && map.spec().data() != null;
  }

  private static boolean isStream(BpfMap map) {
    return map.spec().type() == MapType.RINGBUF || map.spec().type() == MapType.PERF_EVENT_ARRAY;
  }

  private void printEvents(BpfMap map) {
    EventLog.Events log = events.of(map.name());
    out.println(
        "map "
            + map.name()
            + " ("
            + map.spec().type()
            + "): "
            + Units.counted(log.count(), "record")
            + ", "
            + Units.counted(log.bytes(), "byte")
            + (log.lost() == 0 ? "" : ", " + Units.count(log.lost()) + " lost for want of room"));
    for (int i = 0; i < log.first().size(); i++) {
      out.println("  record " + (i + 1));
      HexDump.print(out, log.first().get(i), "    ");
    }
  }

  /** An object a map. */
  void write(JsonGenerator array, LoadedObject object) throws IOException {
    MapPrinter printer = new MapPrinter(out, object.object().btf());
    for (BpfMap map : object.maps()) {
      if (isStream(map)) {
        Json.object(array, members -> writeEvents(members, map));
      } else if (!isConstant(map)) {
        Json.object(array, members -> printer.write(members, map));
      }
    }
  }

  private void writeEvents(JsonGenerator generator, BpfMap map) throws IOException {
    EventLog.Events log = events.of(map.name());
    generator.writeStringField("map", map.name());
    generator.writeStringField("type", map.spec().type().name());
    generator.writeNumberField("records", log.count());
    generator.writeNumberField("bytes", log.bytes());
    generator.writeNumberField("lost", log.lost());
    Json.array(
        generator,
        "first",
        array -> {
          for (byte[] record : log.first()) {
            array.writeString(HexFormat.of().formatHex(record));
          }
        });
  }
}
