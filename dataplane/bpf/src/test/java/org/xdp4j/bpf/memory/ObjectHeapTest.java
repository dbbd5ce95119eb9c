package org.xdp4j.bpf.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Objects have memory of their own, which is used again late and given back at last. */
class ObjectHeapTest {
  private final Region region = Region.reserve(1 << 20);
  private final ObjectHeap heap = region.objects();

  @Test
  void objectsLieApartAndAreFoundByAnyOfTheirBytes() {
    Set<Long> starts = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      long at = heap.allocate(24, 1, "owner " + i);
      assertThat(starts.add(at)).isTrue();
      assertThat(heap.startOf(at + 23)).isEqualTo(at);
      assertThat(heap.ownerOf(at + 8)).isEqualTo("owner " + i);
      assertThat(heap.contains(at, 24)).isTrue();
      assertThat(heap.contains(at + 1, 24)).isFalse();
    }
    assertThat(heap.startOf(Region.FIRST_ADDRESS - 1)).isZero();
  }

  @Test
  void whatWasDroppedRestsAndComesBackAsZeros() {
    Rcu.Reader reader = region.rcu().newReader();
    assertThat(reader.lock()).isTrue();
    long first = heap.allocate(16, 1, this);
    heap.publish(first + 8);
    region.segment().set(Region.LONG, first, -1L);
    heap.free(first);
    assertThat(heap.ownerOf(first)).isNull();
    assertThat(heap.contains(first, 16)).as("a program may still look at it").isTrue();
    allocateOthers(first, 6000);
    reader.unlock();
    while (heap.allocate(16, 1, this) != first) {
      assertThat(heap.live()).as("it comes back").isLessThan(10_000);
    }
    assertThat(region.segment().get(Region.LONG, first)).isZero();
  }

  private void allocateOthers(long first, int count) {
    for (int i = 0; i < count; i++) {
      long other = heap.allocate(16, 1, this);
      assertThat(other).isNotEqualTo(first);
      heap.publish(other);
      heap.free(other);
    }
  }

  @Test
  void memoryStaysWhileARunMayLookAtWhatWasDropped() {
    Rcu.Reader reader = region.rcu().newReader();
    long free = region.free();
    assertThat(reader.lock()).isTrue();
    long shown = heap.allocate(16, 1, this);
    heap.publish(shown);
    heap.free(shown);
    heap.trim();
    assertThat(region.free()).isLessThan(free);
    reader.unlock();
    heap.trim();
    assertThat(region.free()).isEqualTo(free);
  }

  @Test
  void whatNobodyElseWasShownComesBackAtOnceAsZeros() {
    assertThat(region.rcu().newReader().lock()).isTrue();
    long first = heap.allocate(16, 1, this);
    region.segment().set(Region.LONG, first, -1L);
    heap.free(first);
    assertThat(heap.allocate(16, 1, "another")).isEqualTo(first);
    assertThat(region.segment().get(Region.LONG, first)).isZero();
    heap.publish(first);
    heap.free(first);
    assertThat(heap.allocate(16, 1, this)).as("but not what was").isNotEqualTo(first);
  }

  @Test
  void memoryOfOneSizeBecomesThatOfAnotherAndOfMaps() {
    long free = region.free();
    Deque<Long> small = new ArrayDeque<>();
    for (long at = heap.allocate(16, 1, this); at != 0; at = heap.allocate(16, 1, this)) {
      small.add(at);
    }
    assertThat(heap.allocate(2000, 1, this)).isZero();
    small.forEach(heap::publish);
    for (int i = 0; i < 2 * 4096; i++) {
      heap.free(small.removeLast());
    }
    long large = heap.allocate(2000, 1, this);
    assertThat(large).isNotZero();
    assertThat(region.allocate(60 << 10, 8)).isNotZero();
    small.forEach(heap::free);
    heap.free(large);
    heap.trim();
    assertThat(region.free()).isEqualTo(free - (60 << 10));
  }

  @Test
  void copiesLieBesideOneAnother() {
    long at = heap.allocate(12, 3, this);
    assertThat(heap.copiesOf(at)).isEqualTo(3);
    assertThat(heap.contains(at + 16, 12)).isTrue();
    assertThat(heap.contains(at + 12, 4)).as("between two copies").isFalse();
    assertThat(heap.contains(at + 48, 1)).isFalse();
  }

  @Test
  void nothingIsGivenBeyondWhatMayBeTaken() {
    long[] left = {100 << 10};
    heap.chargeTo(
        new Allowance() {
          @Override
          public boolean tryTake(long bytes) {
            if (bytes > left[0]) {
              return false;
            }
            left[0] -= bytes;
            return true;
          }

          @Override
          public void give(long bytes) {
            left[0] += bytes;
          }
        });
    assertThat(heap.allocate(ObjectHeap.MAX_SIZE + 1, 1, this)).isZero();
    long free = region.free();
    long one = heap.allocate(4000, 1, this);
    assertThat(one).isNotZero();
    assertThat(heap.allocate(16, 1, this)).as("another size needs another 64 KiB").isZero();
    heap.trim();
    assertThat(region.free()).as("one is left").isLessThan(free);
    heap.free(one);
    heap.trim();
    assertThat(region.free()).isEqualTo(free);
    assertThat(left[0]).isEqualTo(100 << 10);
  }

  @Test
  void aFullRegionGivesNothing() {
    int count = 0;
    while (heap.allocate(4000, 1, this) != 0) {
      count++;
    }
    assertThat(count).isBetween(100, 256);
    assertThat(heap.live()).isEqualTo(count);
  }

  @Test
  void onlyObjectsAreFreed() {
    long at = heap.allocate(16, 1, this);
    assertThatThrownBy(() -> heap.free(at + 8)).hasMessageContaining("no object");
    heap.free(at);
    assertThatThrownBy(() -> heap.free(at)).hasMessageContaining("no object");
  }
}
