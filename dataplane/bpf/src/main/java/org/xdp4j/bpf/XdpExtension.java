package org.xdp4j.bpf;

import java.util.List;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.verifier.VerifiedProgram;

/**
 * A loaded program that can take the place of a global function of another one, an {@code freplace}
 * program (BPF_PROG_TYPE_EXT): verified by itself for what the function is given, and to return
 * what the function returns. By itself it does not run.
 */
public final class XdpExtension {
  private final VerifiedProgram verified;
  private final List<BpfMap> maps;
  private final XdpProgram target;
  private final String function;
  private TimerQueue timers;
  private boolean closed;

  XdpExtension(VerifiedProgram verified, List<BpfMap> maps, XdpProgram target, String function) {
    this.verified = verified;
    this.maps = maps;
    this.target = target;
    this.function = function;
  }

  /** The timers that its object's maps may have. */
  void drive(TimerQueue queue) {
    timers = queue;
  }

  TimerQueue timers() {
    return timers;
  }

  /** Its object's maps, by its own indexes. */
  List<BpfMap> maps() {
    return maps;
  }

  /** Its own name. */
  public String name() {
    return verified.program().name();
  }

  /** The function it can replace. */
  public String function() {
    return function;
  }

  /** The program that the function belongs to. */
  public XdpProgram target() {
    return target;
  }

  /** What the verifier found out about it. */
  public VerifiedProgram verified() {
    return verified;
  }

  /**
   * Puts it in the function's place, while frames flow: each frame meets the one or the other.
   *
   * @throws LoadException when the function is replaced already, or the target stands in a program
   *     array
   */
  public synchronized void attach() throws LoadException {
    if (closed) {
      throw new LoadException(name() + " cannot replace anything: its object is closed");
    }
    target.attach(this);
  }

  /** Its object is closed. */
  synchronized void close() {
    closed = true;
    detach();
  }

  /** Puts the function back; nothing happens when it was not replaced by this program. */
  public void detach() {
    target.detach(this);
  }

  /** Whether it stands in the function's place now. */
  public boolean isAttached() {
    return target.attached(function) == this;
  }
}
