package org.xdp4j.net.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyTableRulesTest {
  private static final int KEYS = 256;

  private static final class Entry extends KeyEntry {
    Entry(long a, long b, long e) {
      super(a, b, 0, 0, e);
    }
  }

  /** The most slots in a row that are taken. */
  private static int longestRun(KeyTable<Entry> table) {
    int longest = 0;
    int run = 0;
    for (int i = 0; i < table.slotCount(); i++) {
      run = table.slot(i) == null ? 0 : run + 1;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  /** Addresses whose halves cancel each other where they are joined by a rotation, or high bits. */
  @Test
  void chosenKeysDoNotMeetInOnePlace() {
    KeyTable<Entry> halves = new KeyTable<>(16_384);
    KeyTable<Entry> highBits = new KeyTable<>(16_384);
    for (long i = 1; i <= KEYS; i++) {
      halves.add(new Entry(Long.rotateLeft(i, 17), i, 7));
      highBits.add(new Entry(i << 55, i << 55 | i << 23, 7));
    }
    assertThat(longestRun(halves)).isLessThan(16);
    assertThat(longestRun(highBits)).isLessThan(16);
  }

  @Test
  void noTwoTablesPutKeysInTheSamePlaces() {
    assertThat(places()).isNotEqualTo(places());
  }

  private static List<Long> places() {
    KeyTable<Entry> table = new KeyTable<>(1024);
    for (long i = 0; i < KEYS; i++) {
      table.add(new Entry(i, i, i));
    }
    List<Long> places = new ArrayList<>();
    table.forEach(entry -> places.add(entry.k0));
    return places;
  }
}
