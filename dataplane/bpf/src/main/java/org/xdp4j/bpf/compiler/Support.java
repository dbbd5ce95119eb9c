package org.xdp4j.bpf.compiler;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.Trial;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.memory.Region;

/**
 * What generated code calls where it would only be longer itself. What it asks about trials is
 * asked here for another reason too: these methods' profiles are one for all programs, so that a
 * program that was compiled during its trial has the way without one as well ({@link #mix}).
 */
public final class Support {
  private Support() {}

  /** A path was taken that the verifier proved impossible. */
  static RuntimeException dead() {
    return new ProgramFaultException("the program went where the verifier proved it never goes");
  }

  /** A helper calls back what is no function of the program, which only unverified ones do. */
  static RuntimeException noCallback() {
    return new ProgramFaultException("a helper was given a callback that is no function");
  }

  /**
   * What {@code bpf_tail_call} goes on with, counted; null when there is no such program or this
   * run has made all its tail calls.
   */
  static Executable tailCall(XdpContext context, BpfMap map, int index) {
    if (!(map instanceof ProgramArrayMap programs)) {
      throw new ProgramFaultException("a tail call through what is no program array");
    }
    Executable target = programs.program(index);
    if (target == null || context.tailCalls >= XdpContext.MAX_TAIL_CALLS) {
      return null;
    }
    context.tailCalls++;
    return target;
  }

  /** What {@code size} bytes hold, without their sign; 0 where nothing is. */
  static long probe(XdpContext context, long address, int size) {
    Region region = context.region;
    if (!region.holds(address, size)) {
      return 0;
    }
    MemorySegment memory = region.segment();
    return switch (size) {
      case 1 -> memory.get(Region.BYTE, address) & 0xffL;
      case 2 -> memory.get(Region.SHORT, address) & 0xffffL;
      case 4 -> memory.get(Region.INT, address) & 0xffffffffL;
      default -> memory.get(Region.LONG, address);
    };
  }

  /** A map's value, or the copy that stands for it in a trial. */
  static long value(long address, XdpContext context, int size) {
    Trial trial = context.trial;
    return trial == null ? address : trial.value(address, size);
  }

  /** A map's handle, or that of the map that stands for it in a trial. */
  static long handle(long handle, XdpContext context) {
    Trial trial = context.trial;
    return trial == null ? handle : trial.map(handle);
  }

  /** A map to change, or the one that stands for it in a trial. */
  static BpfMap map(BpfMap map, XdpContext context) {
    Trial trial = context.trial;
    return trial == null ? map : BpfMap.at(context.region, trial.map(map.address()));
  }

  /**
   * What a look-up by numbers found, 0 for nothing. In a trial it is the copy that stands for it,
   * or, of a key that the map does not have, what the map has that stands for the map.
   */
  static long found(long address, long low, long high, BpfMap map, XdpContext context) {
    Trial trial = context.trial;
    return trial == null
        ? address
        : trial.found(address, map.spec().valueSize(), map.address(), context.cpu, low, high);
  }

  /** The same by a length and up to 16 bytes, the first of them highest. */
  static long found(long address, int length, long high, long low, BpfMap map, XdpContext context) {
    return context.trial == null ? address : inTrial(address, length, high, low, map, context);
  }

  private static long inTrial(
      long address, int length, long high, long low, BpfMap map, XdpContext context) {
    long first = Long.reverseBytes(high);
    long second = Long.reverseBytes(low);
    return context.trial.found(
        address,
        map.spec().valueSize(),
        map.address(),
        context.cpu,
        Integer.toUnsignedLong(length) | first << 32,
        first >>> 32 | second << 32,
        second >>> 32);
  }

  /** The same of a look-up by the address of its key. */
  static long found(long address, long key, BpfMap map, XdpContext context) {
    Trial trial = context.trial;
    if (trial == null) {
      return address;
    }
    return address != 0
        ? trial.value(address, map.spec().valueSize())
        : BpfMap.at(context.region, trial.map(map.address())).lookup(key, context.cpu);
  }

  /** {@code bpf_map_lookup_elem} with a map that is not known before. */
  static long lookup(XdpContext context, long handle, long key) {
    BpfMap map = BpfMap.at(context.region, handle);
    return value(map.lookup(key, context.cpu), context, map.spec().valueSize());
  }

  /**
   * Shows the JVM both ways of every question about trials.
   *
   * @param context of a trial; outside of it again when this returns
   * @param handle of any map
   */
  public static void mix(XdpContext context, long handle, int times) {
    Trial trial = context.trial;
    BpfMap map = BpfMap.at(context.region, handle);
    for (int i = 0; i < times; i++) {
      context.trial = (i & 1) == 0 ? null : trial;
      value(0, context, 0);
      handle(handle, context);
      map(map, context);
    }
    context.trial = trial;
  }

  /** Counts a jump backwards or a call against the run's budget. */
  static void spend(XdpContext context) {
    if (--context.loopBudget < 0) {
      throw new ProgramFaultException("the program used up its budget of jumps backwards");
    }
  }

  /** Refuses a call that no frame of the stack is left for, in programs that were not verified. */
  static void checkFrame(XdpContext context, long framePointer) {
    long used = context.stackTop - framePointer;
    if (used < 0 || used > (XdpContext.MAX_CALL_FRAMES - 2L) * XdpContext.STACK_SIZE) {
      throw new ProgramFaultException(
          "the program calls more than " + XdpContext.MAX_CALL_FRAMES + " functions deep");
    }
  }
}
