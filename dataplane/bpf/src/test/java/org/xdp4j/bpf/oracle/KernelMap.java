package org.xdp4j.bpf.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/** A real map in the running kernel. Errors are negative errno values. */
public final class KernelMap implements AutoCloseable {
  private final MapSpec spec;
  private final int fd;

  /** Of an arena: what user space has of it, else null. */
  private SharedMemory shared;

  private KernelMap(MapSpec spec, int fd) {
    this.spec = spec;
    this.fd = fd;
  }

  /**
   * Creates the map, with the initial data of a data section, frozen when the definition says so.
   */
  public static KernelMap create(MapSpec spec) {
    return create(spec, null);
  }

  /** The same with the types of the object that defines it; null for none. */
  public static KernelMap create(MapSpec spec, KernelTypes types) {
    KernelMap inner = spec.inner() == null ? null : create(spec.inner(), types);
    int fd = tryCreate(spec, inner == null ? 0 : inner.fd, types);
    if (inner != null) {
      inner.close();
    }
    if (fd < 0) {
      throw new IllegalStateException("kernel refused map " + spec.name() + ": errno " + -fd);
    }
    KernelMap map = new KernelMap(spec, fd);
    if (spec.type() == MapType.ARENA) {
      map.shared = SharedMemory.map(fd, spec.extra(), spec.maxEntries() * 4096L);
      if (spec.data() != null) {
        MemorySegment.copy(
            spec.data(), 0, map.shared.bytes(), ValueLayout.JAVA_BYTE, 0, spec.data().length);
      }
    } else if (spec.data() != null) {
      map.update(new byte[4], spec.data(), 0);
    }
    if (spec.frozen()) {
      map.freeze();
    }
    return map;
  }

  /** A map that is pinned at {@code path}, made from {@code spec}. */
  public static KernelMap pinned(MapSpec spec, Path path) {
    int fd = BpfSyscall.open(path);
    if (fd < 0) {
      throw new IllegalStateException("cannot open " + path + ": errno " + -fd);
    }
    return new KernelMap(spec, fd);
  }

  /**
   * Asks the kernel for the map: a file descriptor that the caller must close, or the negative
   * errno.
   */
  public static int tryCreate(MapSpec spec, int innerFd) {
    return tryCreate(spec, innerFd, null);
  }

  private static int tryCreate(MapSpec spec, int innerFd, KernelTypes object) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attr = BpfSyscall.attr(arena);
      attr.set(JAVA_INT, 0, spec.typeId());
      attr.set(JAVA_INT, 4, spec.keySize());
      attr.set(JAVA_INT, 8, spec.valueSize());
      attr.set(JAVA_INT, 12, spec.maxEntries());
      attr.set(JAVA_INT, 16, spec.flags());
      attr.set(JAVA_INT, 20, innerFd);
      attr.set(JAVA_INT, 24, spec.numaNode());
      attr.set(JAVA_LONG, 64, spec.extra());
      if (spec.fields().isEmpty()) {
        return BpfSyscall.call(arena, BpfSyscall.MAP_CREATE, attr);
      }
      if (object != null && spec.valueBtf() != 0) {
        attr.set(JAVA_INT, 48, object.fd());
        attr.set(JAVA_INT, 52, spec.keyBtf());
        attr.set(JAVA_INT, 56, spec.valueBtf());
        return BpfSyscall.call(arena, BpfSyscall.MAP_CREATE, attr);
      }
      FieldTypes types = new FieldTypes(spec);
      int btf = KernelOracle.loadBtf(types.bytes());
      attr.set(JAVA_INT, 48, btf);
      attr.set(JAVA_INT, 52, FieldTypes.KEY);
      attr.set(JAVA_INT, 56, types.value());
      int fd = BpfSyscall.call(arena, BpfSyscall.MAP_CREATE, attr);
      KernelOracle.close(btf);
      return fd;
    }
  }

  public MapSpec spec() {
    return spec;
  }

  /** Of an arena: its memory, as user space has it. Touching a page makes it. */
  public MemorySegment memory() {
    return shared.bytes();
  }

  public int fd() {
    return fd;
  }

  /**
   * Bytes of what user space reads and writes as one value: for a per-CPU map one 8-byte-aligned
   * slot a possible CPU.
   */
  public int userValueSize() {
    boolean perCpu = spec.type() != null && spec.type().isPerCpu();
    return perCpu ? (spec.valueSize() + 7 & -8) * KernelOracle.possibleCpus() : spec.valueSize();
  }

  /** The value, or null when the kernel says ENOENT. */
  public byte[] lookup(byte[] key) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(Math.max(1, userValueSize()), 8);
      int result = element(arena, BpfSyscall.MAP_LOOKUP_ELEM, key, value, 0);
      return result < 0 ? null : value.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** 0 or a negative errno. */
  public int update(byte[] key, byte[] value, long flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(value.length, userValueSize()), 8);
      copy.copyFrom(MemorySegment.ofArray(value));
      return element(arena, BpfSyscall.MAP_UPDATE_ELEM, key, copy, flags);
    }
  }

  /** 0 or a negative errno. */
  public int delete(byte[] key) {
    try (Arena arena = Arena.ofConfined()) {
      return element(arena, BpfSyscall.MAP_DELETE_ELEM, key, MemorySegment.NULL, 0);
    }
  }

  /** The keys in the kernel's order. */
  public List<byte[]> keys() {
    List<byte[]> keys = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment next = arena.allocate(Math.max(1, spec.keySize()), 8);
      byte[] key = null;
      while (element(arena, BpfSyscall.MAP_GET_NEXT_KEY, key, next, 0) == 0) {
        key = next.toArray(ValueLayout.JAVA_BYTE);
        keys.add(key);
      }
    }
    return keys;
  }

  private void freeze() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attr = BpfSyscall.attr(arena);
      attr.set(JAVA_INT, 0, fd);
      int result = BpfSyscall.call(arena, BpfSyscall.MAP_FREEZE, attr);
      if (result < 0) {
        throw new IllegalStateException("cannot freeze " + spec.name() + ": errno " + -result);
      }
    }
  }

  private int element(Arena arena, int command, byte[] key, MemorySegment value, long flags) {
    MemorySegment attr = BpfSyscall.attr(arena);
    attr.set(JAVA_INT, 0, fd);
    if (key != null && key.length > 0) {
      MemorySegment keyCopy = arena.allocate(key.length, 8);
      keyCopy.copyFrom(MemorySegment.ofArray(key));
      attr.set(JAVA_LONG, 8, keyCopy.address());
    }
    attr.set(JAVA_LONG, 16, value.address());
    attr.set(JAVA_LONG, 24, flags);
    return BpfSyscall.call(arena, command, attr);
  }

  @Override
  public void close() {
    if (shared != null) {
      shared.close();
    }
    BpfSyscall.close(fd);
  }
}
