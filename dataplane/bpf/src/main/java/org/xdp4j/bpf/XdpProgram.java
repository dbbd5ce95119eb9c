package org.xdp4j.bpf;

import java.util.concurrent.atomic.LongAdder;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.SpinLockHelpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.VerifiedProgram;

/**
 * A loaded program: verified, compiled, ready to run on any thread that has an {@link XdpContext}
 * of its own.
 */
public final class XdpProgram {
  private final VerifiedProgram verified;
  private final Executable executable;
  private final LongAdder faults = new LongAdder();

  /** The timers that its object's maps may have; null when none can. */
  private TimerQueue timers;

  XdpProgram(VerifiedProgram verified, Executable executable) {
    this.verified = verified;
    this.executable = executable;
  }

  /** Runs the timers that are due before each run and each batch, by the context's clock. */
  void drive(TimerQueue queue) {
    timers = queue;
  }

  /** What an entry of a device or CPU map holds of it. */
  public Executable executable() {
    return executable;
  }

  /**
   * Puts it into a slot of a program array, in the place of what is there, while programs jump
   * through the array: each jump goes to the one or to the other.
   *
   * @return 0, or -E2BIG when there is no such slot
   */
  public int putInto(ProgramArrayMap array, int slot) {
    return array.set(slot, name(), executable);
  }

  /** The function's name. */
  public String name() {
    return verified.program().name();
  }

  /** What the verifier found out about it. */
  public VerifiedProgram verified() {
    return verified;
  }

  /**
   * Runs that ended in a fault of the machine (a bug of ours, caught by the JVM's checks) and so in
   * XDP_ABORTED.
   */
  public long faults() {
    return faults.sum();
  }

  /** {@link #mayMoveFrame(BpfProgram)} of this program. */
  public boolean mayMoveFrame() {
    return mayMoveFrame(verified.program());
  }

  /**
   * Whether a run may change where its frame begins or ends, itself or through a program it hands
   * the frame to: by a tail call, or by a map's entry that has one. Where it may not, frames need
   * no room around them.
   */
  public static boolean mayMoveFrame(BpfProgram program) {
    for (Instruction instruction : program.instructions()) {
      if (instruction.isHelperCall() && mayMoveFrame(instruction.imm())) {
        return true;
      }
    }
    return false;
  }

  private static boolean mayMoveFrame(int helper) {
    return helper == HelperSpec.TAIL_CALL
        || helper == HelperSpec.REDIRECT_MAP
        || Helpers.byId(helper).map(HelperSpec::movesPacket).orElse(true);
  }

  /** Runs over the frame in {@code context} and returns what the program returned. */
  public int run(XdpContext context) {
    if (timers != null) {
      timers.runDue(context);
    }
    context.reset();
    try {
      return (int) executable.execute(context, context.stackTop);
    } catch (RuntimeException | StackOverflowError fault) {
      faults.increment();
      SpinLockHelpers.releaseAfterFault(context);
      return XdpAction.ABORTED.ordinal();
    }
  }

  /** Runs over every frame of {@code batch}, leaving verdicts and bounds in it. */
  public void run(XdpBatch batch, XdpContext context) {
    if (timers != null) {
      timers.runDue(context);
    }
    batch.done = 0;
    while (batch.done < batch.size) {
      try {
        executable.executeBatch(batch, context);
      } catch (RuntimeException | StackOverflowError fault) {
        faults.increment();
        SpinLockHelpers.releaseAfterFault(context);
        batch.leave(batch.done, context, XdpAction.ABORTED.ordinal());
      }
    }
  }
}
