package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.isa.Opcode;

/**
 * Which function calls or points at which, and what follows of that for all that may happen in a
 * call: as the instructions stand, whether a path reaches them or not.
 */
final class CallGraph {
  /**
   * A call, or a function's address taken for a callback.
   *
   * @param site the instruction
   * @param callee the function's index
   * @param call whether it is a call
   */
  record Edge(int site, int callee, boolean call) {}

  private final Verification v;
  private final List<List<Edge>> edges = new ArrayList<>();
  private final boolean[] tailCalls;
  private final boolean[] movesPacket;
  private final int[] throwSites;

  CallGraph(Verification v) {
    this.v = v;
    int functions = v.flow.functions();
    tailCalls = new boolean[functions];
    movesPacket = new boolean[functions];
    throwSites = new int[functions];
    Arrays.fill(throwSites, -1);
    for (int f = 0; f < functions; f++) {
      edges.add(edgesOf(f));
    }
    spreadMoves();
  }

  private List<Edge> edgesOf(int function) {
    List<Edge> found = new ArrayList<>();
    List<Instruction> program = v.program.instructions();
    int end = v.flow.end(function);
    for (int i = v.flow.start(function); i < end; i = Instructions.nextIndex(program, i)) {
      Instruction instruction = program.get(i);
      boolean pointer = instruction.isWide() && instruction.src() == Opcode.PSEUDO_FUNC;
      if (pointer || instruction.isSubprogramCall()) {
        int callee = v.flow.indexOf(Instructions.callTarget(program, i));
        found.add(new Edge(i, callee, !pointer));
      } else {
        note(function, i, instruction);
      }
    }
    return found;
  }

  private void note(int function, int at, Instruction instruction) {
    movesPacket[function] |= Helpers.movesPacket(instruction);
    tailCalls[function] |= instruction.isHelperCall() && instruction.imm() == HelperSpec.TAIL_CALL;
    if (throwSites[function] < 0 && Exceptions.isThrow(instruction)) {
      throwSites[function] = at;
    }
  }

  private void spreadMoves() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int f = 0; f < movesPacket.length; f++) {
        boolean moves = movesPacket[f];
        for (Edge edge : edges.get(f)) {
          moves |= movesPacket[edge.callee()];
        }
        changed |= moves != movesPacket[f];
        movesPacket[f] = moves;
      }
    }
  }

  /** What {@code function} calls and points at, in instruction order. */
  List<Edge> of(int function) {
    return edges.get(function);
  }

  /** The first instruction of {@code function} itself that throws an exception, or -1. */
  int throwSite(int function) {
    return throwSites[function];
  }

  /** Whether {@code function} itself makes a tail call. */
  boolean makesTailCall(int function) {
    return tailCalls[function];
  }

  /** Whether any function makes a tail call. */
  boolean anyTailCall() {
    for (boolean any : tailCalls) {
      if (any) {
        return true;
      }
    }
    return false;
  }

  /** Whether {@code function}, or any it may end up in, may move the packet. */
  boolean movesPacket(int function) {
    return movesPacket[function];
  }
}
