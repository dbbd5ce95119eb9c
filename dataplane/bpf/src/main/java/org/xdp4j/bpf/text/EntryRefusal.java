package org.xdp4j.bpf.text;

import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/** In words, why a map did not take an entry that somebody wrote by hand. */
public final class EntryRefusal {
  /** A CPU map's longest queue (kernel/bpf/cpumap.c, cpu_map_update_elem). */
  private static final int LONGEST_QUEUE = 16384;

  private EntryRefusal() {}

  /**
   * The end of a sentence.
   *
   * @param result what the map answered, a negative errno
   */
  public static String of(MapSpec spec, int result) {
    String byType = ofType(spec.type(), result);
    return byType != null ? byType : ofAny(spec, result);
  }

  /** What an error means for some types only; null where it is as for others. */
  private static String ofType(MapType type, int result) {
    boolean devices = type == MapType.DEVMAP || type == MapType.DEVMAP_HASH;
    if (type == null) {
      return null;
    }
    if (type == MapType.CPUMAP && result == Errno.EOVERFLOW) {
      return "qsize is too large: a queue has at most " + LONGEST_QUEUE + " places";
    }
    if (type == MapType.CPUMAP && result == Errno.ENOMEM || devices && result == Errno.EINVAL) {
      return "bpf_prog.fd is a file descriptor of a kernel's, which means nothing here: name the"
          + " program as QUEUE+PROGRAM or PORT+PROGRAM where programs can be named";
    }
    return switch (type) {
      case PROG_ARRAY -> result == Errno.EBADF ? "its values are programs, by name" : null;
      case XSKMAP ->
          result == Errno.EBADF
              ? "its values are sockets that a process has opened, which cannot be written as text"
              : null;
      case SOCKMAP, SOCKHASH -> "its values are a kernel's sockets, and no kernel is here";
      case PERF_EVENT_ARRAY ->
          result == Errno.EBADF || result == Errno.EOPNOTSUPP
              ? "its values are buffers that a reader opens, which cannot be written as text"
              : null;
      case RINGBUF, USER_RINGBUF -> "a ring buffer holds records, not entries";
      case QUEUE, STACK -> result == Errno.E2BIG ? "all of its places are taken" : null;
      default -> null;
    };
  }

  private static String ofAny(MapSpec spec, int result) {
    String entries = Integer.toUnsignedString(spec.maxEntries());
    return switch (result) {
      case Errno.E2BIG ->
          "the key is outside of the map's " + entries + " entries, or all of them are taken";
      case Errno.ENOSPC, Errno.ENOMEM -> "all of the map's " + entries + " entries are taken";
      case Errno.EPERM -> "the map may not be written from outside";
      case Errno.EEXIST -> "there is an entry with this key already";
      case Errno.ENOENT -> "there is no entry with this key";
      case Errno.EINVAL -> "a map of type " + spec.type() + " does not take this";
      default -> "the map refuses it with " + Errno.name(result);
    };
  }
}
