package org.xdp4j.daemon.control.api;

import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapState;
import org.xdp4j.bpf.text.TypeText;
import org.xdp4j.daemon.control.view.MapHandle;

/**
 * A map without its contents.
 *
 * @param map its name
 * @param id unique among the maps there are
 * @param type {@code enum bpf_map_type} without its prefix
 * @param keyType the key's type by BTF; a question mark when that is not known
 * @param keyBytes of a key
 * @param valueType the value's type by BTF
 * @param valueBytes of a value
 * @param maxEntries how many there may be; of a ring buffer its bytes
 * @param valuesPerKey 1, or the number of workers there may come to be for a per-CPU map
 * @param readOnly whether it refuses to be written from outside
 * @param program the program that has it
 */
record MapInfo(
    String map,
    int id,
    String type,
    String keyType,
    int keyBytes,
    String valueType,
    int valueBytes,
    long maxEntries,
    int valuesPerKey,
    boolean readOnly,
    String program,
    String state) {
  static MapInfo of(MapHandle handle) {
    MapSpec spec = handle.spec();
    return new MapInfo(
        handle.name(),
        handle.map().id(),
        String.valueOf(spec.type()),
        TypeText.name(handle.btf(), spec.keyBtf()),
        spec.keySize(),
        TypeText.name(handle.btf(), spec.valueBtf()),
        spec.valueSize(),
        Integer.toUnsignedLong(spec.maxEntries()),
        handle.map().valuesPerKey(),
        handle.map().frozen() || (spec.flags() & MapSpec.F_RDONLY) != 0,
        handle.program(),
        MapState.of(handle.map()).map(MapState::text).orElse(null));
  }
}
