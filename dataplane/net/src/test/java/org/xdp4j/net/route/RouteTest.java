package org.xdp4j.net.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.wire.IpPrefix;

class RouteTest {
  private static final IpPrefix ANY = IpPrefix.parse("0.0.0.0/0");

  @Test
  void flowsSpreadOverNextHopsByWeight() {
    Route route =
        Route.via(ANY, new NextHop(1, null, 1), new NextHop(2, null, 2), new NextHop(3, null, 1));
    int[] flows = new int[4];
    Random random = new Random(1);
    for (int i = 0; i < 40_000; i++) {
      flows[way(route, random.nextInt()).interfaceIndex()]++;
    }
    assertThat(flows[1]).isBetween(9_500, 10_500);
    assertThat(flows[2]).isBetween(19_500, 20_500);
    assertThat(flows[3]).isBetween(9_500, 10_500);
  }

  /** RFC 2992, section 2: hash-threshold moves between a quarter and a half of the flows. */
  @Test
  void aNextHopMoreMovesAtMostHalfOfTheFlows() {
    Route four = Route.via(ANY, hops(4));
    Route five = Route.via(ANY, hops(5));
    Random random = new Random(2);
    int moved = 0;
    for (int i = 0; i < 10_000; i++) {
      int flow = random.nextInt();
      assertThat(way(four, flow)).isSameAs(way(four, flow));
      moved += way(four, flow).interfaceIndex() == way(five, flow).interfaceIndex() ? 0 : 1;
    }
    assertThat(moved).isBetween(2_500, 5_500);
  }

  private static NextHop way(Route route, int flow) {
    return route.hop(route.index(flow));
  }

  private static NextHop[] hops(int count) {
    NextHop[] hops = new NextHop[count];
    for (int i = 0; i < count; i++) {
      hops[i] = new NextHop(i, null);
    }
    return hops;
  }
}
