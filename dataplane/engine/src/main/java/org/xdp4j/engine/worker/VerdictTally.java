package org.xdp4j.engine.worker;

import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.account.DropReason;

/**
 * Ends frames that were run in place: each is counted by its verdict. Owned by one thread.
 *
 * <p>Redirects are to interfaces named by the program itself: programs that redirect by a map do
 * not come here.
 */
final class VerdictTally {
  private static final int ABORTED = 0;
  private static final int DROP = 1;
  private static final int PASS = 2;
  private static final int TX = 3;
  private static final int REDIRECT = 4;
  private static final int UNKNOWN = 5;
  private static final int REDIRECT_FAILED = 6;

  private final Counters counters;
  private final TargetCounts targets = new TargetCounts();
  private final long[] frames = new long[REDIRECT_FAILED + 1];
  private final long[] bytes = new long[REDIRECT_FAILED + 1];

  VerdictTally(Counters counters) {
    this.counters = counters;
  }

  /**
   * Counts every frame of {@code batch}.
   *
   * @param written frames from index 0 that did not fail to be written
   */
  void add(XdpBatch batch, int written) {
    end(batch, written);
    count();
    for (int i = written; i < batch.size; i++) {
      counters.add(Counter.ofVerdict(batch.verdict[i]), 1);
      counters.drop(DropReason.OUTPUT_FAILED, 1, batch.dataEnd[i] - batch.data[i]);
    }
  }

  private void end(XdpBatch batch, int size) {
    int[] verdicts = batch.verdict;
    long[] data = batch.data;
    long[] dataEnd = batch.dataEnd;
    long[] toFrames = frames;
    long[] toBytes = bytes;
    for (int i = 0; i < size; i++) {
      int verdict = verdicts[i];
      int kind = verdict < 0 || verdict > REDIRECT ? UNKNOWN : verdict;
      if (kind == REDIRECT) {
        kind = redirect((int) batch.redirectTarget[i]);
      }
      toFrames[kind]++;
      toBytes[kind] += dataEnd[i] - data[i];
    }
  }

  private int redirect(int ifindex) {
    if (ifindex <= 0) {
      return REDIRECT_FAILED;
    }
    targets.add(ifindex, 1);
    return REDIRECT;
  }

  private void count() {
    verdict(PASS, PASS);
    verdict(DROP, DROP);
    verdict(TX, TX);
    verdict(REDIRECT, REDIRECT);
    verdict(ABORTED, ABORTED);
    verdict(UNKNOWN, UNKNOWN);
    verdict(REDIRECT, REDIRECT_FAILED);
  }

  private void verdict(int code, int kind) {
    long count = frames[kind];
    if (count != 0) {
      long size = bytes[kind];
      frames[kind] = 0;
      bytes[kind] = 0;
      counters.add(Counter.ofVerdict(code), count);
      end(kind, count, size);
    }
  }

  private void end(int kind, long count, long size) {
    switch (kind) {
      case PASS -> {
        counters.add(Counter.DELIVERED, count);
        counters.add(Counter.DELIVERED_BYTES, size);
      }
      case TX, REDIRECT -> {
        counters.add(Counter.TRANSMITTED, count);
        counters.add(Counter.TRANSMITTED_BYTES, size);
      }
      case DROP -> counters.drop(DropReason.XDP_DROP, count, size);
      case ABORTED -> counters.drop(DropReason.XDP_ABORTED, count, size);
      case REDIRECT_FAILED -> counters.drop(DropReason.REDIRECT_FAILED, count, size);
      default -> counters.drop(DropReason.UNKNOWN_ACTION, count, size);
    }
  }

  /** Frames sent by redirects, by interface index. */
  TargetCounts targets() {
    return targets;
  }
}
