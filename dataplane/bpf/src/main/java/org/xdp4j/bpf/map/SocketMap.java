package org.xdp4j.bpf.map;

import java.util.List;

/**
 * {@code BPF_MAP_TYPE_SOCKMAP} and {@code SOCKHASH} (net/core/sock_map.c): a kernel's sockets, by
 * number or by any key. No socket is here that one could put in, so both are always empty.
 */
public final class SocketMap extends BpfMap {
  /** Keys must fit on a program's stack (MAX_BPF_STACK). */
  private static final int LONGEST_KEY = 512;

  /** Linux shows a socket's cookie to those who ask for 8 bytes only. */
  private static final int COOKIE = 8;

  private final boolean hash;

  SocketMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    hash = spec.type() == MapType.SOCKHASH;
  }

  static void check(MapSpec spec) throws MapException {
    int flags = MapSpec.F_NUMA_NODE | MapSpec.F_RDONLY | MapSpec.F_WRONLY;
    SpecCheck check = new SpecCheck(spec).flags(flags).valueSize(Integer.BYTES, COOKIE).entries();
    if (spec.type() == MapType.SOCKMAP) {
      check.keySize(Integer.BYTES);
    } else if (spec.keySize() == 0) {
      throw MapException.of(spec, Errno.EINVAL, "has keys of 0 bytes");
    } else if (Integer.compareUnsigned(spec.keySize(), LONGEST_KEY) > 0) {
      throw MapException.of(
          spec,
          Errno.E2BIG,
          "has keys of %s bytes, but SOCKHASH takes keys of %d at most"
              .formatted(Integer.toUnsignedString(spec.keySize()), LONGEST_KEY));
    }
    check.done();
  }

  @Override
  public long lookup(long key, int cpu) {
    return 0;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  public long delete(long key) {
    return hash ? Errno.ENOENT : Errno.EINVAL;
  }

  /** A number is a file's, and no file here is a socket; one of more than 31 bits is none's. */
  @Override
  int write(long key, byte[] value, long flags) {
    boolean large = value[Integer.BYTES - 1] < 0;
    for (int i = Integer.BYTES; i < value.length; i++) {
      large |= value[i] != 0;
    }
    return large ? Errno.EINVAL : Errno.EBADF;
  }

  @Override
  byte[] read(long key) {
    return null;
  }

  @Override
  int nothingFound() {
    return valueSize == COOKIE ? Errno.ENOENT : Errno.ENOSPC;
  }

  @Override
  byte[] nextKey(long key) {
    return hash ? null : nextIndex(key, maxEntries);
  }

  @Override
  public Iterable<byte[]> keys() {
    return List.of();
  }

  @Override
  public boolean containsValue(long address, long size) {
    return false;
  }
}
