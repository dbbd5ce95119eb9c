package org.xdp4j.net.flow;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.xdp4j.net.wire.Tcp;

/**
 * How far a TCP connection got, told by the flags of what either side sent. Sequence numbers are
 * not looked at, as segments may go another way or come out of order. Workers may touch it at the
 * same time.
 *
 * <p>A connection is established once each side has acknowledged something of the other's: after
 * the three segments of a common opening, the four of a simultaneous one (RFC 9293, section 3.5),
 * and the first two ones seen of a connection that is older than what watches it. A reset may be
 * forged; so it is one only until its alleged sender goes on talking (RFC 7857, section 2.2).
 */
public class TcpProgress {
  /** How far it got. */
  public enum State {
    OPENING,
    ESTABLISHED,
    /** Both sides said that they are done. */
    CLOSING,
    /** A side broke it off. */
    CLOSED
  }

  private static final long SECOND = 1_000_000_000L;
  private static final AtomicIntegerFieldUpdater<TcpProgress> SEEN =
      AtomicIntegerFieldUpdater.newUpdater(TcpProgress.class, "seen");

  /** What a side said: three bits a side, those of who answers above those of who began. */
  private static final int ACKNOWLEDGED = 0b001;

  private static final int FINISHED = 0b010;
  private static final int RESET = 0b100;
  private static final int BITS = 3;
  private static final int BOTH = 1 | 1 << BITS;

  private volatile int seen;

  /**
   * Takes note of a segment.
   *
   * @param isReply whether who answers sent it
   * @param flags of TCP; 0 for one whose flags are not known, as in a later fragment
   */
  public final void saw(boolean isReply, int flags) {
    int before;
    int after;
    do {
      before = seen;
      after = after(before, isReply ? BITS : 0, flags);
    } while (after != before && !SEEN.compareAndSet(this, before, after));
  }

  private static int after(int before, int side, int flags) {
    if (flags == 0) {
      return before;
    }
    if ((flags & Tcp.RST) != 0) {
      return before | RESET << side;
    }
    if ((flags & (Tcp.SYN | Tcp.ACK)) == Tcp.SYN) {
      return isOver(before) ? 0 : before;
    }
    int after = before & ~(RESET << side);
    after |= (flags & Tcp.ACK) != 0 ? ACKNOWLEDGED << side : 0;
    return after | ((flags & Tcp.FIN) != 0 ? FINISHED << side : 0);
  }

  /** Whether a SYN begins another connection: a side finished or broke off. */
  private static boolean isOver(int seen) {
    return (seen & BOTH * (FINISHED | RESET)) != 0;
  }

  /** Whether a segment with these flags begins another connection in this one's place. */
  public final boolean isOverFor(int flags) {
    return (flags & (Tcp.SYN | Tcp.ACK | Tcp.RST)) == Tcp.SYN && isOver(seen);
  }

  /** How far it got by now. */
  public final State state() {
    int now = seen;
    if ((now & BOTH * RESET) != 0) {
      return State.CLOSED;
    }
    if ((now & BOTH * FINISHED) == BOTH * FINISHED) {
      return State.CLOSING;
    }
    return (now & BOTH * ACKNOWLEDGED) == BOTH * ACKNOWLEDGED ? State.ESTABLISHED : State.OPENING;
  }

  /**
   * For how many nanoseconds of silence it is to be remembered: 2 hours and 4 minutes when it is
   * established, also while one side only has finished (RFC 9293, section 3.6); else 4 minutes (RFC
   * 5382, REQ-5; RFC 7857, sections 2.1 and 2.2).
   */
  public final long lifetime() {
    return state() == State.ESTABLISHED ? 7440 * SECOND : 240 * SECOND;
  }
}
