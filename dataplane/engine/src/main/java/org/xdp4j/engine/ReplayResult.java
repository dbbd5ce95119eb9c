package org.xdp4j.engine;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.xdp4j.engine.account.Books;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.capture.CaptureException;

/**
 * What a replay did.
 *
 * @param books the sums; they balance
 * @param workers frames each worker ran the program on
 * @param pinned whether every worker was bound to a CPU of its own
 * @param redirected frames sent by redirects, by interface index
 * @param interfaces names of the captures' interfaces by index; empty where they have none
 * @param problems how captures ended badly; what they held before that was replayed
 * @param failure why the output could not be written to its end, or null
 * @param stopped whether it was stopped before the captures' end
 * @param nanos how long it took, first frame to last
 * @param faults runs of the program that ended in a fault of the machine and so in XDP_ABORTED
 */
public record ReplayResult(
    Books books,
    List<Long> workers,
    boolean pinned,
    Map<Integer, Long> redirected,
    Map<Integer, String> interfaces,
    List<CaptureException> problems,
    IOException failure,
    boolean stopped,
    long nanos,
    long faults) {

  /** Frames received. */
  public long frames() {
    return books.get(Counter.RECEIVED);
  }

  /** Bytes of them. */
  public long bytes() {
    return books.get(Counter.RECEIVED_BYTES);
  }

  /** Frames for which the program returned this code; any that is no action for a code above 4. */
  public long verdicts(int returnCode) {
    return books.get(Counter.ofVerdict(returnCode));
  }

  /** Whether all there was to replay was replayed and written. */
  public boolean complete() {
    return problems.isEmpty() && failure == null && !stopped;
  }
}
