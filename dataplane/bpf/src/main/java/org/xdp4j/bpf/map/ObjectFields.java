package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.graph.LinkedList;
import org.xdp4j.bpf.graph.RedBlackTree;
import org.xdp4j.bpf.memory.ObjectHeap;
import org.xdp4j.bpf.memory.Region;

/**
 * What objects that programs allocate hold of one another, and when they end (kernel: bpf_obj_init,
 * bpf_obj_free_fields, __bpf_obj_drop_impl). An object with a {@code bpf_refcount} ends with its
 * last reference, any other one when it is dropped; what it owns is dropped with it. Any thread.
 */
public final class ObjectFields {
  private static final VarHandle COUNT = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle POINTER = ValueLayout.JAVA_LONG.varHandle();

  private final Region region;
  private final MemorySegment memory;

  /** Objects to be dropped, so that a long chain of them takes no deep stack. */
  private long[] waiting = {};

  private int count;

  private ObjectFields(Region region) {
    this.region = region;
    this.memory = region.segment();
  }

  /**
   * A new object of {@code type}, zeroed.
   *
   * @param copies 1, or how many CPUs are to have one each
   * @return its address, 0 when there is no memory for it
   */
  public static long allocate(Region region, ObjectType type, int copies) {
    long address = region.objects().allocate(type.size(), copies, type);
    int refcount = address == 0 ? -1 : type.offsetOf(SpecialField.Kind.REFCOUNT);
    if (refcount >= 0) {
      COUNT.setRelease(region.segment(), address + refcount, 1);
    }
    return address;
  }

  /** One reference more to {@code object}; false when its last one was given back meanwhile. */
  public static boolean acquire(Region region, long object) {
    if (!(region.objects().ownerOf(object) instanceof ObjectType type)) {
      return false;
    }
    long at = object + type.offsetOf(SpecialField.Kind.REFCOUNT);
    int before;
    do {
      before = (int) COUNT.getAcquire(region.segment(), at);
      if (before == 0) {
        return false;
      }
    } while (!COUNT.compareAndSet(region.segment(), at, before, before + 1));
    return true;
  }

  /** Puts {@code object} (0 for none) into the pointer at {@code place}; what was there before. */
  public static long exchange(Region region, long place, long object) {
    if (object != 0) {
      region.objects().publish(object);
    }
    return (long) POINTER.getAndSet(region.segment(), place, object);
  }

  /** Gives a reference to {@code object} back. */
  public static void drop(Region region, long object) {
    ObjectHeap heap = region.objects();
    if (heap.ownerOf(object) instanceof ObjectType type
        && release(region.segment(), object, type)) {
      if (type.ownsObjects()) {
        new ObjectFields(region).dropAll(object);
      } else {
        heap.free(object);
      }
    }
  }

  /** Drops what the fields of the value at {@code value} own; they are empty then. */
  static void clear(Region region, long value, List<SpecialField> fields) {
    ObjectFields work = new ObjectFields(region);
    work.empty(value, fields);
    work.dropWaiting();
  }

  private void dropAll(long object) {
    end(object, (ObjectType) region.objects().ownerOf(object));
    dropWaiting();
  }

  private void dropWaiting() {
    while (count > 0) {
      long object = waiting[--count];
      if (region.objects().ownerOf(object) instanceof ObjectType type
          && release(memory, object, type)) {
        end(object, type);
      }
    }
  }

  private void end(long object, ObjectType type) {
    if (type.ownsObjects()) {
      empty(object, type.fields());
    }
    region.objects().free(object);
  }

  /** Whether that was the last reference. */
  private static boolean release(MemorySegment memory, long object, ObjectType type) {
    int refcount = type.offsetOf(SpecialField.Kind.REFCOUNT);
    return refcount < 0 || (int) COUNT.getAndAdd(memory, object + refcount, -1) == 1;
  }

  private void empty(long base, List<SpecialField> fields) {
    long lock = lockOf(base, fields);
    for (SpecialField field : fields) {
      long at = base + field.offset();
      switch (field.kind()) {
        case KPTR, KPTR_PERCPU -> later(exchange(region, at, 0));
        case KPTR_UNTRUSTED -> memory.set(Region.LONG, at, 0L);
        case LIST_HEAD, RB_ROOT -> {
          lock(lock);
          try {
            emptyGraph(at, field);
          } finally {
            unlock(lock);
          }
        }
        default -> {
          // Owns nothing.
        }
      }
    }
  }

  private static long lockOf(long base, List<SpecialField> fields) {
    for (SpecialField field : fields) {
      if (field.kind().isLock()) {
        return base + field.offset();
      }
    }
    return 0;
  }

  private void lock(long lock) {
    if (lock != 0) {
      SpinLock.lock(region, lock);
    }
  }

  private void unlock(long lock) {
    if (lock != 0) {
      SpinLock.unlock(region, lock);
    }
  }

  private void emptyGraph(long root, SpecialField field) {
    if (field.kind() == SpecialField.Kind.LIST_HEAD) {
      long node = LinkedList.pop(memory, root, true);
      while (node != 0) {
        later(node - field.nodeOffset());
        node = LinkedList.pop(memory, root, true);
      }
      return;
    }
    RedBlackTree tree = new RedBlackTree(memory, root);
    for (long node = tree.first(); node != 0; node = tree.first()) {
      tree.remove(node);
      later(node - field.nodeOffset());
    }
  }

  private void later(long object) {
    if (object == 0) {
      return;
    }
    if (count == waiting.length) {
      waiting = Arrays.copyOf(waiting, Math.max(16, count * 2));
    }
    waiting[count++] = object;
  }
}
