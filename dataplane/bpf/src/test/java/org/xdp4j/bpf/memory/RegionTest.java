package org.xdp4j.bpf.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RegionTest {
  private static final long MIB = 1L << 20;

  @Test
  void aHugeRegionCostsNothingUntilItIsTouched() {
    try (Region region = Region.reserve(64L << 30)) {
      assertThat(region.size()).isGreaterThanOrEqualTo(16 * MIB);
      long address = region.allocate(region.size() / 2, 4096);
      region.segment().set(Region.LONG, address + region.size() / 4, 42);
      assertThat(region.segment().get(Region.LONG, address + region.size() / 4)).isEqualTo(42);
    }
  }

  @Test
  void theFirstPageIsNeverHandedOut() {
    try (Region region = Region.reserve(MIB)) {
      assertThat(region.allocate(1, 1)).isGreaterThanOrEqualTo(Region.FIRST_ADDRESS);
    }
  }

  @Test
  void memoryThatComesBackIsHandedOutAgainZeroed() {
    try (Region region = Region.reserve(MIB)) {
      long all = region.free();
      for (int round = 0; round < 100; round++) {
        long address = region.allocate(MIB / 2, 64);
        assertThat(region.segment().get(Region.LONG, address + 1000)).isZero();
        region.segment().asSlice(address, MIB / 2).fill((byte) 0xff);
        region.free(address, MIB / 2);
      }
      assertThat(region.free()).isEqualTo(all);
    }
  }

  @Test
  void neighboursThatComeBackJoin() {
    try (Region region = Region.reserve(MIB)) {
      long left = region.allocate(MIB / 4, 16);
      long middle = region.allocate(MIB / 4, 16);
      long right = region.allocate(MIB / 4, 16);
      region.free(left, MIB / 4);
      region.free(right, MIB / 4);
      assertThatThrownBy(() -> region.allocate(3 * MIB / 4, 16))
          .isInstanceOf(OutOfRegionException.class)
          .hasMessageContaining("bytes asked for");
      region.free(middle, MIB / 4);
      assertThat(region.allocate(3 * MIB / 4, 16)).isEqualTo(left);
    }
  }

  @Test
  void whatWasNotHandedOutCannotBeGivenBack() {
    try (Region region = Region.reserve(MIB)) {
      long address = region.allocate(64, 64);
      region.free(address, 64);
      assertThatThrownBy(() -> region.free(address, 64))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> region.free(0, 64)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> region.free(MIB, 64)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> region.free(4096, -5)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void sizesNoRegionHasAreRefused() {
    assertThatThrownBy(() -> Region.reserve(4096)).isInstanceOf(IllegalArgumentException.class);
    try (Region region = Region.reserve(MIB)) {
      assertThatThrownBy(() -> region.allocate(-1, 8)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> region.allocate(8, 3)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> region.allocate(Long.MAX_VALUE, 8))
          .isInstanceOf(OutOfRegionException.class);
      assertThatThrownBy(() -> region.allocate(8, 1L << 62))
          .isInstanceOf(OutOfRegionException.class);
    }
  }

  @Test
  void piecesNeverOverlapWhateverTheOrderTheyComeAndGo() {
    record Piece(long address, long size) {}
    Random random = new Random(2);
    try (Region region = Region.reserve(4 * MIB)) {
      long all = region.free();
      List<Piece> pieces = new ArrayList<>();
      for (int step = 0; step < 5000; step++) {
        if (pieces.size() > 60 || !pieces.isEmpty() && random.nextInt(3) == 0) {
          Piece piece = pieces.remove(random.nextInt(pieces.size()));
          region.free(piece.address(), piece.size());
        } else {
          long alignment = 1L << random.nextInt(13);
          long size = random.nextInt(20_000);
          Piece kept = new Piece(region.allocate(size, alignment), size);
          assertThat(kept.address() % alignment).isZero();
          assertThat(pieces)
              .noneMatch(
                  p ->
                      p.address() < kept.address() + kept.size()
                          && kept.address() < p.address() + p.size());
          pieces.add(kept);
        }
      }
      pieces.forEach(p -> region.free(p.address(), p.size()));
      assertThat(region.free()).isEqualTo(all);
      assertThat(region.allocate(all, 16)).isEqualTo(Region.FIRST_ADDRESS);
    }
  }
}
