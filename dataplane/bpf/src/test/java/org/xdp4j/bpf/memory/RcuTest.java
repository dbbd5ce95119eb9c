package org.xdp4j.bpf.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

/** A grace period is over when every run has ended that was under way as it began. */
class RcuTest {
  private final Rcu rcu = new Rcu();

  @Test
  void aGracePeriodWaitsForTheRunsUnderWayAndForNoOthers() {
    Rcu.Reader first = rcu.newReader();
    Rcu.Reader second = rcu.newReader();
    assertThat(rcu.isOver(rcu.start())).as("nobody runs").isTrue();
    assertThat(first.lock()).isTrue();
    long token = rcu.start();
    assertThat(second.lock()).as("a run that began later").isTrue();
    long later = rcu.start();
    assertThat(rcu.isOver(token)).isFalse();
    first.unlock();
    assertThat(rcu.isOver(token)).isTrue();
    assertThat(rcu.isOver(later)).isFalse();
    first.lock();
    assertThat(rcu.isOver(later)).isFalse();
    second.unlock();
    assertThat(rcu.isOver(later)).isTrue();
  }

  @Test
  void aRunWithinARunDoesNotCount() {
    Rcu.Reader reader = rcu.newReader();
    assertThat(reader.lock()).isTrue();
    assertThat(reader.lock()).isFalse();
    long token = rcu.start();
    assertThat(rcu.isOver(token)).isFalse();
    reader.unlock();
    assertThat(rcu.isOver(token)).isTrue();
  }

  @Test
  void aReaderThatIsGoneHoldsNothingUp() throws InterruptedException {
    WeakReference<Rcu.Reader> gone = left();
    long token = rcu.start();
    for (int i = 0; i < 100 && !gone.refersTo(null); i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(rcu.isOver(token)).isTrue();
  }

  private WeakReference<Rcu.Reader> left() {
    Rcu.Reader reader = rcu.newReader();
    reader.lock();
    return new WeakReference<>(reader);
  }

  @Test
  void whatWasFreedComesBackInOrder() {
    Resting resting = new Resting(rcu);
    Rcu.Reader reader = rcu.newReader();
    assertThat(resting.take()).isZero();
    for (int round = 0; round < 50; round++) {
      reader.lock();
      for (int i = 1; i <= 40; i++) {
        resting.add(8L * i);
      }
      assertThat(resting.take()).isZero();
      reader.unlock();
      for (int i = 1; i <= 40; i++) {
        assertThat(resting.take()).isEqualTo(8L * i);
      }
      assertThat(resting.take()).isZero();
    }
  }
}
