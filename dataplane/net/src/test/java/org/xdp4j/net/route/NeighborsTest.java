package org.xdp4j.net.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xdp4j.net.wire.IpAddress;

class NeighborsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MAC = 0x0200_0000_0001L;
  private static final long OTHER = 0x0200_0000_0002L;
  private static final IpAddress ADDRESS = IpAddress.parse("192.0.2.1");

  private final Neighbors neighbors = new Neighbors(64);
  private final List<String> asked = new ArrayList<>();
  private final Neighbors.Solicitor solicitor =
      (neighbor, unicast) -> asked.add(neighbor.address() + (unicast ? " unicast" : ""));

  private Neighbor resolved(long now) {
    Neighbor entry = neighbors.resolve(1, ADDRESS, now, solicitor);
    neighbors.advertised(entry, MAC, true, true, now);
    return entry;
  }

  private void confirm(int number) {
    IpAddress address = IpAddress.of(0x0a00_0000 + number);
    Neighbor entry = neighbors.resolve(1, address, 0, solicitor);
    neighbors.advertised(entry, MAC, true, true, 0);
  }

  private void tickUntil(long from, long to) {
    for (long now = from; now <= to; now += SECOND / 10) {
      neighbors.tick(now, solicitor);
    }
  }

  @Test
  void theTableGrowsAndShrinksAndNobodyThatIsKnownLeaves() {
    for (int i = 0; i < 64; i++) {
      confirm(i);
    }
    IpAddress more = IpAddress.of(0x0a00_0100);
    assertThat(neighbors.resolve(1, more, 0, solicitor)).isNull();
    neighbors.heard(1, more, MAC, 0, true);
    assertThat(neighbors.find(1, more)).isNull();

    neighbors.resize(1000);
    for (int i = 0; i < 1000; i++) {
      confirm(i);
    }
    assertThat(neighbors.size()).isEqualTo(1000);

    neighbors.resize(10);
    neighbors.heard(1, IpAddress.of(0x0a00_0000 + 1050), MAC, 0, true);
    assertThat(neighbors.list()).hasSize(1000);
    assertThat(neighbors.find(1, more).mac()).isEqualTo(MAC);
    neighbors.flush(1);
    neighbors.heard(1, more, MAC, 0, true);
    assertThat(neighbors.list()).hasSize(1);
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aTableThatMoreIsSetInThanItHasRoomForStillFindsItsWayToAnEnd() {
    Neighbors few = new Neighbors(4);
    for (int i = 0; i < 500; i++) {
      few.setPermanent(1, IpAddress.of(0x0a00_0000 + i), MAC + i);
      assertThat(few.find(2, ADDRESS)).isNull();
      if (i % 3 == 0) {
        few.setPermanent(2, IpAddress.of(0x0a00_0000 + i), MAC);
        few.remove(2, IpAddress.of(0x0a00_0000 + i));
      }
    }
    assertThat(few.size()).isEqualTo(500);
    for (int i = 0; i < 500; i++) {
      assertThat(few.find(1, IpAddress.of(0x0a00_0000 + i)).mac()).isEqualTo(MAC + i);
    }
    few.heard(1, ADDRESS, MAC, 0, true);
    assertThat(few.find(1, ADDRESS)).as("what is learned has a limit").isNull();
  }

  /** RFC 4861, section 7.2.2. */
  @Test
  void itAsksThreeTimesASecondApartAndThenGivesUp() {
    Neighbor entry = neighbors.resolve(1, ADDRESS, 0, solicitor);
    neighbors.resolve(1, ADDRESS, 1, solicitor);
    assertThat(asked).containsExactly("192.0.2.1");

    tickUntil(0, 29 * SECOND / 10);
    assertThat(asked).hasSize(3);
    assertThat(entry.state()).isEqualTo(NeighborState.INCOMPLETE);

    tickUntil(3 * SECOND, 4 * SECOND);
    assertThat(asked).hasSize(3);
    assertThat(entry.state()).isEqualTo(NeighborState.FAILED);

    tickUntil(4 * SECOND, 9 * SECOND);
    assertThat(neighbors.list()).isEmpty();
    assertThat(entry.state()).isEqualTo(NeighborState.GONE);
  }

  /** RFC 4861, section 7.3.3. */
  @Test
  void aUsedNeighbourIsAskedAgainOnceItIsStale() {
    Neighbor entry = resolved(0);
    assertThat(entry.state()).isEqualTo(NeighborState.REACHABLE);
    tickUntil(0, 46 * SECOND);
    assertThat(entry.state()).isEqualTo(NeighborState.STALE);
    assertThat(asked).hasSize(1);

    neighbors.used(entry, 46 * SECOND);
    assertThat(entry.state()).isEqualTo(NeighborState.DELAY);
    tickUntil(46 * SECOND, 52 * SECOND);
    assertThat(entry.state()).isEqualTo(NeighborState.PROBE);
    assertThat(entry.mac()).isEqualTo(MAC);
    assertThat(asked.getLast()).isEqualTo("192.0.2.1 unicast");

    neighbors.advertised(entry, MAC, true, false, 52 * SECOND);
    assertThat(entry.state()).isEqualTo(NeighborState.REACHABLE);
  }

  /** RFC 4861, section 7.2.5. */
  @Test
  void anAdvertisementChangesWhatTheRfcSays() {
    Neighbor entry = resolved(0);
    neighbors.advertised(entry, OTHER, true, false, 1);
    assertThat(entry.state()).isEqualTo(NeighborState.STALE);
    assertThat(entry.mac()).isEqualTo(MAC);

    neighbors.advertised(entry, OTHER, false, true, 2);
    assertThat(entry.state()).isEqualTo(NeighborState.STALE);
    assertThat(entry.mac()).isEqualTo(OTHER);

    neighbors.advertised(entry, -1, true, false, 3);
    assertThat(entry.state()).isEqualTo(NeighborState.REACHABLE);
    assertThat(entry.mac()).isEqualTo(OTHER);
  }

  /** RFC 4861, section 7.2.3. */
  @Test
  void aSolicitationTellsWhereItsSenderIs() {
    neighbors.heard(1, ADDRESS, MAC, 0, false);
    assertThat(neighbors.size()).isZero();
    neighbors.heard(1, ADDRESS, MAC, 0, true);
    Neighbor entry = neighbors.find(1, ADDRESS);
    assertThat(entry.state()).isEqualTo(NeighborState.STALE);
    neighbors.heard(1, ADDRESS, OTHER, 1, true);
    assertThat(entry.mac()).isEqualTo(OTHER);
    assertThat(neighbors.find(2, ADDRESS)).isNull();
  }

  @Test
  void aPermanentEntryIsNeverChanged() {
    neighbors.setPermanent(1, ADDRESS, MAC);
    Neighbor entry = neighbors.find(1, ADDRESS);
    neighbors.heard(1, ADDRESS, OTHER, 0, true);
    neighbors.advertised(entry, OTHER, true, true, 0);
    neighbors.flush(1);
    tickUntil(0, 100 * SECOND);
    assertThat(entry.state()).isEqualTo(NeighborState.PERMANENT);
    assertThat(entry.mac()).isEqualTo(MAC);
    assertThat(neighbors.remove(1, ADDRESS)).isTrue();
    assertThat(neighbors.list()).isEmpty();
  }

  /** RFC 6583, section 7.1. */
  @Test
  void aScanPushesOutNoNeighbourThatIsThere() {
    Neighbor there = resolved(0);
    Neighbor elsewhere = neighbors.resolve(2, ADDRESS, 0, solicitor);
    Neighbor heard = neighbors.resolve(1, IpAddress.of(1), 0, solicitor);
    for (int i = 0; i < 10_000; i++) {
      IpAddress target = IpAddress.of(0xc0000200 + 2 + i);
      Neighbor fresh = neighbors.resolve(1, target, 1, solicitor);
      assertThat(neighbors.find(1, target)).isSameAs(fresh);
      assertThat(fresh.state()).as("it has time to answer").isEqualTo(NeighborState.INCOMPLETE);
    }
    assertThat(neighbors.size()).isEqualTo(33);
    assertThat(neighbors.find(1, ADDRESS)).isSameAs(there);
    assertThat(neighbors.find(2, ADDRESS)).as("it is on another link").isSameAs(elsewhere);
    assertThat(heard.state()).as("it was the oldest of the scan's").isEqualTo(NeighborState.GONE);
    tickUntil(1, 90 * SECOND);
    assertThat(neighbors.list()).containsExactly(there);
  }

  /** RFC 6583, section 7.1: who floods pushes out what the flood brought, not what others did. */
  @Test
  void whoFloodsOneLinkOrFamilyPushesOutNobodyOfAnother() {
    IpAddress quiet = IpAddress.parse("fd00::1");
    neighbors.heard(1, quiet, MAC, 0, true);
    neighbors.heard(2, ADDRESS, MAC, 0, true);
    Neighbor asked = neighbors.resolve(1, ADDRESS, 0, solicitor);
    for (int i = 0; i < 10_000; i++) {
      neighbors.heard(1, IpAddress.of(0x0a00_0000 + i), MAC, 1, true);
    }
    assertThat(neighbors.find(1, quiet)).isNotNull();
    assertThat(neighbors.find(2, ADDRESS)).isNotNull();
    assertThat(neighbors.find(1, ADDRESS)).isSameAs(asked);
    assertThat(neighbors.size()).isEqualTo(32);
    neighbors.flush(1);
    for (int i = 0; i < 10_000; i++) {
      neighbors.resolve(3, IpAddress.of(i), 1, solicitor);
    }
    assertThat(neighbors.find(2, ADDRESS)).isNotNull();
    assertThat(neighbors.size()).isEqualTo(32);
  }

  @Test
  void aLongScanOfEntriesLosesNone() {
    Neighbors many = new Neighbors(5000);
    for (int i = 0; i < 4000; i++) {
      many.setPermanent(i % 3, IpAddress.of(i), MAC);
    }
    for (int i = 0; i < 1000; i++) {
      many.resolve(1, IpAddress.of(1 << 20 | i), 0, solicitor);
    }
    asked.clear();
    many.tick(SECOND, solicitor);
    assertThat(asked).hasSize(1000);
    many.flush(1);
    many.tick(2 * SECOND, solicitor);
    assertThat(asked).hasSize(1000);
    assertThat(many.size()).isEqualTo(4000);
    assertThat(many.list()).hasSize(4000);
  }

  @Test
  void entriesComeAndGoManyTimes() {
    for (int i = 0; i < 5_000; i++) {
      IpAddress address = IpAddress.of(i, i * 7L);
      neighbors.heard(i % 3, address, MAC + i, i, true);
      assertThat(neighbors.find(i % 3, address).mac()).isEqualTo(MAC + i);
      if (i >= 30) {
        IpAddress old = IpAddress.of(i - 30, (i - 30) * 7L);
        assertThat(neighbors.remove((i - 30) % 3, old)).isTrue();
        assertThat(neighbors.find((i - 30) % 3, old)).isNull();
      }
    }
    assertThat(neighbors.size()).isEqualTo(30);
  }
}
