package org.xdp4j.engine.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FrameRingTest {
  private static Frame[] frames(int count) {
    Frame[] frames = new Frame[count];
    for (int i = 0; i < count; i++) {
      frames[i] = Frame.view();
      frames[i].sequence = i;
    }
    return frames;
  }

  @Test
  void takesWhatThereIsRoomForAndSaysHowMuchThatWas() {
    FrameRing ring = new FrameRing(5);
    Frame[] frames = frames(12);
    assertThat(ring.offer(frames, 0, 3)).isEqualTo(3);
    assertThat(ring.offer(frames, 3, 9)).isEqualTo(5);
    assertThat(ring.offer(frames[8])).isFalse();
    assertThat(ring.size()).isEqualTo(8);
    Frame[] out = new Frame[12];
    assertThat(ring.poll(out, 1, 2)).isEqualTo(2);
    assertThat(out[0]).isNull();
    assertThat(out[2].sequence).isEqualTo(1);
    assertThat(ring.offer(frames[8])).isTrue();
    assertThat(ring.poll(out, 0, 12)).isEqualTo(7);
    for (int i = 0; i < 7; i++) {
      assertThat(out[i].sequence).isEqualTo(2 + i);
    }
    assertThat(ring.poll(out, 0, 12)).isZero();
    assertThat(ring.size()).isZero();
  }

  /**
   * Bursts of all sizes from one thread to another: each frame once, in order, as it was written.
   */
  @Test
  void handsFramesOverInOrderWithAllThatWasWrittenBefore() throws InterruptedException {
    handOver(new FrameRing(64), 300_000);
  }

  /** The same while there come to be more and fewer places for them all the time. */
  @Test
  void losesNothingWhilePlacesComeAndGo() throws InterruptedException {
    FrameRing ring = new FrameRing(64);
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong changes = new AtomicLong();
    Thread changer =
        new Thread(
            () -> {
              SplittableRandom random = new SplittableRandom(7);
              while (!done.get()) {
                ring.use(FrameRing.room(2 << random.nextInt(9)));
                changes.incrementAndGet();
                Thread.yield();
              }
            });
    changer.start();
    try {
      handOver(ring, 300_000);
    } finally {
      done.set(true);
      changer.join();
    }
    assertThat(changes).hasValueGreaterThan(100);
  }

  @Test
  void hasAsManyPlacesAsItCameToHave() {
    FrameRing ring = new FrameRing(4);
    Frame[] frames = frames(64);
    Frame[] out = new Frame[64];
    assertThat(ring.offer(frames, 0, 64)).isEqualTo(4);
    ring.use(FrameRing.room(16));
    assertThat(ring.offer(frames, 4, 60)).as("beside the four in the places before").isEqualTo(16);
    ring.use(FrameRing.room(2));
    assertThat(ring.offer(frames[20])).as("not before the consumer came to the sixteen").isFalse();
    assertThat(ring.poll(out, 0, 64)).as("up to where the places change").isEqualTo(4);
    assertThat(ring.poll(out, 4, 1)).isEqualTo(1);
    assertThat(ring.offer(frames, 20, 40)).isEqualTo(2);
    assertThat(ring.poll(out, 5, 64) + ring.poll(out, 20, 64)).isEqualTo(17);
    assertThat(ring.size()).isZero();
    assertThat(Arrays.copyOf(out, 22)).containsExactly(Arrays.copyOf(frames, 22));
    assertThat(ring.offer(frames, 0, 64)).isEqualTo(2);
  }

  private static void handOver(FrameRing ring, int count) throws InterruptedException {
    Frame[] frames = frames(count);
    Thread producer =
        new Thread(
            () -> {
              SplittableRandom random = new SplittableRandom(3);
              int next = 0;
              while (next < count) {
                int burst = Math.min(count - next, 1 + random.nextInt(40));
                for (int i = next; i < next + burst; i++) {
                  frames[i].nanos = 7L * i;
                }
                int given =
                    burst == 1 && ring.offer(frames[next]) ? 1 : ring.offer(frames, next, burst);
                next += given;
                if (given == 0) {
                  Thread.yield();
                }
              }
            });
    producer.start();
    SplittableRandom random = new SplittableRandom(5);
    Frame[] out = new Frame[50];
    int seen = 0;
    while (seen < count) {
      int taken = ring.poll(out, 0, 1 + random.nextInt(50));
      for (int i = 0; i < taken; i++) {
        assertThat(out[i].sequence).isEqualTo(seen);
        assertThat(out[i].nanos).isEqualTo(7L * seen);
        seen++;
      }
      if (taken == 0) {
        Thread.yield();
      }
    }
    producer.join();
    assertThat(ring.size()).isZero();
  }
}
