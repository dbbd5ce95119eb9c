package org.xdp4j.bpf.oracle;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.map.MapCommands.Answer;
import org.xdp4j.bpf.map.MapCommands.Batch;
import org.xdp4j.bpf.map.MapSpec;

/**
 * The map commands of bpf(2) on a real map. Values are as here, of a per-CPU map one after the
 * other: the kernel's padding between them comes and goes in this class.
 */
public final class KernelCommands {
  private static final int LOOKUP_AND_DELETE_ELEM = 21;
  private static final int LOOKUP_BATCH = 24;
  private static final int LOOKUP_AND_DELETE_BATCH = 25;
  private static final int UPDATE_BATCH = 26;
  private static final int DELETE_BATCH = 27;

  /** Room for keys, and for values that are longer than their map's. */
  private static final int LEAST = 4096;

  private final KernelMap map;
  private final MapSpec spec;
  private final int values;
  private final int slot;

  public KernelCommands(KernelMap map) {
    this.map = map;
    this.spec = map.spec();
    boolean perCpu = spec.type().isPerCpu();
    values = perCpu ? KernelOracle.possibleCpus() : 1;
    slot = perCpu ? spec.valueSize() + 7 & -8 : spec.valueSize();
  }

  public Answer lookup(byte[] key, long flags) {
    return element(BpfSyscall.MAP_LOOKUP_ELEM, key, null, flags, slot * values, true);
  }

  /** Of a bloom filter. */
  public int contains(byte[] value) {
    return element(BpfSyscall.MAP_LOOKUP_ELEM, new byte[0], value, 0, 0, false).error();
  }

  public int update(byte[] key, byte[] value, long flags) {
    return element(BpfSyscall.MAP_UPDATE_ELEM, key, padded(value), flags, 0, false).error();
  }

  public int delete(byte[] key) {
    return element(BpfSyscall.MAP_DELETE_ELEM, key, null, 0, -1, false).error();
  }

  public Answer nextKey(byte[] key) {
    return element(BpfSyscall.MAP_GET_NEXT_KEY, key, null, 0, spec.keySize(), false);
  }

  public Answer lookupAndDelete(byte[] key, long flags) {
    return element(LOOKUP_AND_DELETE_ELEM, key, null, flags, slot * values, true);
  }

  public int freeze() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attr = BpfSyscall.attr(arena);
      attr.set(JAVA_INT, 0, map.fd());
      return BpfSyscall.call(arena, BpfSyscall.MAP_FREEZE, attr);
    }
  }

  /**
   * @param read bytes to read back; -1 when the command takes no value
   */
  private Answer element(
      int command, byte[] key, byte[] value, long flags, int read, boolean isValue) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attr = BpfSyscall.attr(arena);
      MemorySegment room = arena.allocate(Math.max(LEAST, (long) slot * values), 8);
      attr.set(JAVA_INT, 0, map.fd());
      if (key != null && key.length > 0) {
        attr.set(JAVA_LONG, 8, copy(arena, key).address());
      }
      if (value != null) {
        MemorySegment.copy(value, 0, room, JAVA_BYTE, 0, value.length);
      }
      attr.set(JAVA_LONG, 16, read < 0 ? 0 : room.address());
      attr.set(JAVA_LONG, 24, flags);
      int error = BpfSyscall.call(arena, command, attr);
      if (error < 0 || read <= 0) {
        return new Answer(error, null);
      }
      byte[] found = room.asSlice(0, read).toArray(JAVA_BYTE);
      return new Answer(0, isValue ? packed(found, 0) : found);
    }
  }

  public Batch lookupBatch(byte[] cursor, int count, long flags) {
    return read(LOOKUP_BATCH, cursor, count, flags);
  }

  public Batch lookupAndDeleteBatch(byte[] cursor, int count, long flags) {
    return read(LOOKUP_AND_DELETE_BATCH, cursor, count, flags);
  }

  private Batch read(int command, byte[] cursor, int count, long flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attr = BpfSyscall.attr(arena);
      int cursorSize = Math.max(Integer.BYTES, spec.keySize());
      MemorySegment next = arena.allocate(cursorSize, 8);
      MemorySegment keys = arena.allocate(Math.max(1, (long) spec.keySize() * count), 8);
      MemorySegment found = arena.allocate(Math.max(1, (long) slot * values * count), 8);
      if (cursor != null) {
        attr.set(JAVA_LONG, 0, copy(arena, cursor).address());
      }
      attr.set(JAVA_LONG, 8, next.address());
      attr.set(JAVA_LONG, 16, keys.address());
      attr.set(JAVA_LONG, 24, found.address());
      attr.set(JAVA_INT, 32, count);
      attr.set(JAVA_INT, 36, map.fd());
      attr.set(JAVA_LONG, 40, flags);
      int error = BpfSyscall.call(arena, command, attr);
      // Refused before it began, it leaves the count as it was.
      int done = error == 0 || error == -2 ? attr.get(JAVA_INT, 32) : 0;
      List<byte[]> keyList = new ArrayList<>();
      List<byte[]> valueList = new ArrayList<>();
      byte[] all = found.toArray(JAVA_BYTE);
      for (int i = 0; i < done; i++) {
        keyList.add(keys.asSlice((long) spec.keySize() * i, spec.keySize()).toArray(JAVA_BYTE));
        valueList.add(packed(all, slot * values * i));
      }
      return new Batch(error, done, next.toArray(JAVA_BYTE), keyList, valueList);
    }
  }

  public Batch updateBatch(List<byte[]> keys, List<byte[]> values, long flags) {
    return write(UPDATE_BATCH, keys, values, flags);
  }

  public Batch deleteBatch(List<byte[]> keys, long flags) {
    return write(DELETE_BATCH, keys, List.of(), flags);
  }

  private Batch write(int command, List<byte[]> keys, List<byte[]> toPut, long flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attr = BpfSyscall.attr(arena);
      attr.set(JAVA_LONG, 16, joined(arena, keys).address());
      if (command == UPDATE_BATCH) {
        attr.set(JAVA_LONG, 24, joined(arena, toPut.stream().map(this::padded).toList()).address());
      }
      attr.set(JAVA_INT, 32, keys.size());
      attr.set(JAVA_INT, 36, map.fd());
      attr.set(JAVA_LONG, 40, flags);
      int error = BpfSyscall.call(arena, command, attr);
      boolean refused = error == -524 || error == -22 || error == -1;
      int count = attr.get(JAVA_INT, 32);
      return new Batch(
          error, refused && count == keys.size() ? 0 : count, null, List.of(), List.of());
    }
  }

  private static MemorySegment joined(Arena arena, List<byte[]> parts) {
    MemorySegment all = arena.allocate(Math.max(1, parts.stream().mapToLong(p -> p.length).sum()));
    long at = 0;
    for (byte[] part : parts) {
      MemorySegment.copy(part, 0, all, JAVA_BYTE, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static MemorySegment copy(Arena arena, byte[] bytes) {
    MemorySegment copy = arena.allocate(Math.max(1, bytes.length), 8);
    MemorySegment.copy(bytes, 0, copy, JAVA_BYTE, 0, bytes.length);
    return copy;
  }

  private byte[] packed(byte[] from, int offset) {
    byte[] packed = new byte[spec.valueSize() * values];
    for (int i = 0; i < values; i++) {
      System.arraycopy(from, offset + slot * i, packed, spec.valueSize() * i, spec.valueSize());
    }
    return packed;
  }

  private byte[] padded(byte[] value) {
    byte[] padded = new byte[slot * values];
    for (int i = 0; i < values; i++) {
      System.arraycopy(value, spec.valueSize() * i, padded, slot * i, spec.valueSize());
    }
    return padded;
  }
}
