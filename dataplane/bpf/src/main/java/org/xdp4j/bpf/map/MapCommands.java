package org.xdp4j.bpf.map;

import java.util.ArrayList;
import java.util.List;

/**
 * The map commands of {@code bpf(2)}: a map as user space has it in Linux, with the errors Linux
 * answers (kernel/bpf/syscall.c). {@link BpfMap#get}, {@link BpfMap#put} and {@link BpfMap#remove}
 * are the short way for who needs no errors.
 *
 * <p>Bytes are laid out as {@link BpfMap#get} says: the values of a per-CPU map one after the
 * other, without the padding between them that Linux has. A key of a wrong size, which no file
 * descriptor could be given, is -EINVAL. Any thread; programs may run meanwhile.
 */
public final class MapCommands {
  private final BpfMap map;

  public MapCommands(BpfMap map) {
    this.map = map;
  }

  /**
   * What a command found.
   *
   * @param error 0 or a negative errno
   * @param bytes the value or key; null with an error
   */
  public record Answer(int error, byte[] bytes) {
    private static Answer of(int error, byte[] bytes) {
      return new Answer(bytes == null ? error : 0, bytes);
    }
  }

  /**
   * What a batch did.
   *
   * @param error 0, or a negative errno: -ENOENT when the map's end was reached, -ENOSPC when what
   *     comes next does not fit into {@code count}; what was done until then stays done
   * @param count elements done
   * @param cursor where the next batch begins; null when this one did nothing
   * @param keys read, as many as {@code count}; none for a batch that writes
   * @param values read, likewise
   */
  public record Batch(int error, int count, byte[] cursor, List<byte[]> keys, List<byte[]> values) {
    private static Batch failed(int error) {
      return new Batch(error, 0, null, List.of(), List.of());
    }

    private static Batch written(int error, int count) {
      return new Batch(error, count, null, List.of(), List.of());
    }
  }

  /**
   * {@code BPF_MAP_LOOKUP_ELEM}; flags: {@link BpfMap#F_LOCK}. A queue's key is empty: it peeks.
   */
  public Answer lookup(byte[] key, long flags) {
    synchronized (map) {
      int bad = (flags & ~BpfMap.F_LOCK) != 0 ? Errno.EINVAL : mayRead() ? 0 : Errno.EPERM;
      bad = bad == 0 ? checkLock(flags, BpfMap.F_LOCK) : bad;
      bad = bad == 0 && key.length != map.keySize ? Errno.EINVAL : bad;
      return bad != 0 ? Answer.of(bad, null) : read(key, flags);
    }
  }

  private Answer read(byte[] key, long flags) {
    byte[] value = flags == BpfMap.F_LOCK ? map.getLocked(key) : map.get(key);
    return Answer.of(map.nothingFound(), value);
  }

  /**
   * {@code BPF_MAP_LOOKUP_ELEM} of a bloom filter, which is given a value: 0 when it may have been
   * pushed, -ENOENT when not, -EINVAL for other maps.
   */
  public int contains(byte[] value) {
    synchronized (map) {
      if (!mayRead()) {
        return Errno.EPERM;
      }
      if (!(map instanceof BloomFilterMap filter) || value.length != map.valueSize) {
        return Errno.EINVAL;
      }
      return filter.mayContain(value) ? 0 : Errno.ENOENT;
    }
  }

  /** {@code BPF_MAP_UPDATE_ELEM}. A queue's key is empty: it pushes. */
  public int update(byte[] key, byte[] value, long flags) {
    synchronized (map) {
      int bad = mayWrite() ? checkLock(flags, -1) : Errno.EPERM;
      return bad != 0 ? bad : map.put(key, value, flags);
    }
  }

  /** {@code BPF_MAP_DELETE_ELEM}. */
  public int delete(byte[] key) {
    return map.remove(key);
  }

  /**
   * {@code BPF_MAP_GET_NEXT_KEY}: the key after this one, in the map's own order; the first, when
   * {@code key} is null or not there (any more). -ENOENT after the last.
   */
  public Answer nextKey(byte[] key) {
    synchronized (map) {
      if (!mayRead()) {
        return Answer.of(Errno.EPERM, null);
      }
      if (map.walkError() != 0 || key != null && key.length != map.keySize) {
        return Answer.of(map.walkError() == 0 ? Errno.EINVAL : map.walkError(), null);
      }
      return Answer.of(Errno.ENOENT, next(key));
    }
  }

  private byte[] next(byte[] key) {
    return map.nextKey(key == null ? 0 : map.atScratch(key));
  }

  /** {@code BPF_MAP_LOOKUP_AND_DELETE_ELEM}: of hashes, queues and stacks. */
  public Answer lookupAndDelete(byte[] key, long flags) {
    synchronized (map) {
      int bad = (flags & ~BpfMap.F_LOCK) != 0 ? Errno.EINVAL : 0;
      bad = bad == 0 && !(mayRead() && mayWrite()) ? Errno.EPERM : bad;
      bad = bad == 0 ? checkLock(flags, BpfMap.F_LOCK) : bad;
      boolean keyless = map instanceof QueueMap;
      bad = bad == 0 && (key.length != map.keySize || keyless && flags != 0) ? Errno.EINVAL : bad;
      if (bad != 0) {
        return Answer.of(bad, null);
      }
      if (map instanceof QueueMap queue) {
        return Answer.of(Errno.ENOENT, queue.pop());
      }
      HashedMap hash = map instanceof HashedMap hashed ? hashed : null;
      return hash == null
          ? Answer.of(Errno.ENOTSUPP, null)
          : Answer.of(Errno.ENOENT, hash.take(map.atScratch(key)));
    }
  }

  /**
   * {@code BPF_MAP_LOOKUP_BATCH}.
   *
   * @param cursor null for the beginning, or that of the batch before
   * @param count elements at most
   */
  public Batch lookupBatch(byte[] cursor, int count, long flags) {
    return batch(cursor, count, flags, false);
  }

  /** {@code BPF_MAP_LOOKUP_AND_DELETE_BATCH}: of hashes. */
  public Batch lookupAndDeleteBatch(byte[] cursor, int count, long flags) {
    return batch(cursor, count, flags, true);
  }

  private Batch batch(byte[] cursor, int count, long flags, boolean delete) {
    synchronized (map) {
      if (!mayRead() || delete && !mayWrite()) {
        return Batch.failed(Errno.EPERM);
      }
      HashedMap hash = map.hashed();
      if (hash == null && (delete || !map.hasBatches())) {
        return Batch.failed(Errno.ENOTSUPP);
      }
      int bad = checkLock(flags, BpfMap.F_LOCK);
      if (bad != 0 || count <= 0) {
        return Batch.failed(bad);
      }
      int cursorSize = hash == null ? map.keySize : Integer.BYTES;
      if (cursor != null && cursor.length != cursorSize) {
        return Batch.failed(Errno.EINVAL);
      }
      return hash == null ? byKey(cursor, count, flags) : byBucket(hash, cursor, count, delete);
    }
  }

  /** Key by key; the cursor is the last key looked at. */
  private Batch byKey(byte[] cursor, int count, long flags) {
    List<byte[]> keys = new ArrayList<>();
    List<byte[]> values = new ArrayList<>();
    byte[] last = cursor;
    int error = 0;
    while (keys.size() < count) {
      byte[] key = next(last);
      if (key == null) {
        error = Errno.ENOENT;
        break;
      }
      last = key;
      Answer answer = read(key, flags);
      if (answer.error == 0) {
        keys.add(key);
        values.add(answer.bytes);
      } else if (answer.error != Errno.ENOENT) {
        error = answer.error;
        break;
      }
    }
    return new Batch(error, keys.size(), keys.isEmpty() ? null : last, keys, values);
  }

  /** Bucket by bucket, each whole or not at all; the cursor is the number of the next bucket. */
  private Batch byBucket(HashedMap hash, byte[] cursor, int count, boolean delete) {
    int buckets = hash.index.buckets();
    int bucket = cursor == null ? 0 : ArrayOfMaps.number(cursor);
    if (Integer.compareUnsigned(bucket, buckets) >= 0) {
      return Batch.failed(Errno.ENOENT);
    }
    List<byte[]> keys = new ArrayList<>();
    List<byte[]> values = new ArrayList<>();
    int error = Errno.ENOENT;
    while (bucket < buckets) {
      if (!hash.readBucket(bucket, count - keys.size(), delete, keys, values)) {
        error = keys.isEmpty() ? Errno.ENOSPC : 0;
        break;
      }
      bucket++;
    }
    if (delete) {
      values.forEach(map::deleted);
    }
    values.replaceAll(map::outward);
    return new Batch(error, keys.size(), BpfMap.indexKey(bucket), keys, values);
  }

  /** {@code BPF_MAP_UPDATE_BATCH}: one update after the other, until one fails. */
  public Batch updateBatch(List<byte[]> keys, List<byte[]> values, long flags) {
    synchronized (map) {
      int bad = mayWrite() ? 0 : Errno.EPERM;
      bad = bad == 0 && !map.hasBatches() ? Errno.ENOTSUPP : bad;
      bad = bad == 0 ? checkLock(flags, BpfMap.F_LOCK) : bad;
      int done = 0;
      while (bad == 0 && done < keys.size()) {
        bad = map.put(keys.get(done), values.get(done), flags);
        done += bad == 0 ? 1 : 0;
      }
      return Batch.written(bad, done);
    }
  }

  /** {@code BPF_MAP_DELETE_BATCH}: one deletion after the other, until one fails. */
  public Batch deleteBatch(List<byte[]> keys, long flags) {
    synchronized (map) {
      int bad = mayWrite() ? 0 : Errno.EPERM;
      boolean deletes = map.hashed() != null || map instanceof LpmTrieMap;
      bad = bad == 0 && !deletes ? Errno.ENOTSUPP : bad;
      bad = bad == 0 ? checkLock(flags, BpfMap.F_LOCK) : bad;
      int done = 0;
      while (bad == 0 && done < keys.size()) {
        bad = map.remove(keys.get(done));
        done += bad == 0 ? 1 : 0;
      }
      return Batch.written(bad, done);
    }
  }

  /** {@code BPF_MAP_FREEZE}: from now on only programs write. */
  public int freeze() {
    synchronized (map) {
      if (!map.spec().fields().isEmpty()) {
        return Errno.ENOTSUPP;
      }
      if (!mayWrite()) {
        return Errno.EPERM;
      }
      map.freeze();
      return 0;
    }
  }

  private boolean mayRead() {
    return (map.spec().flags() & MapSpec.F_WRONLY) == 0;
  }

  private boolean mayWrite() {
    return map.writable();
  }

  /** -EINVAL for a flag that is not allowed, and for a lock where values have none. */
  private int checkLock(long flags, long allowed) {
    boolean lockless = (flags & BpfMap.F_LOCK) != 0 && !map.fields.hasLock();
    return (flags & ~allowed) != 0 || lockless ? Errno.EINVAL : 0;
  }
}
