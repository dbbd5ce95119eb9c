package org.xdp4j.bpf.object;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.isa.Instruction;

/**
 * Puts programs together: the entry function first, behind it each function it calls, in the order
 * in which calls are met when every callee is followed at once, as libbpf has it.
 */
final class Linker {
  private final FunctionResolver resolver;
  private final String license;
  private final Btf btf;
  private final Btf kernel;

  /** Slots that may still be linked, over all programs of the object. */
  private long budget;

  Linker(FunctionResolver resolver, String license, Btf btf, Btf kernel, long budget) {
    this.resolver = resolver;
    this.license = license;
    this.btf = btf;
    this.kernel = kernel;
    this.budget = budget;
  }

  /** Links the program that begins at {@code entry}. */
  BpfProgram link(CodeSection.Entry entry) {
    return new Link(entry.name()).run(entry);
  }

  /** One program being linked. */
  private final class Link {
    private final List<Instruction> instructions = new ArrayList<>();
    private final List<Subprogram> subprograms = new ArrayList<>();
    private final List<LineInfo> lines = new ArrayList<>();
    private final Map<CodeFunction, Integer> starts = new IdentityHashMap<>();
    private final String entryName;
    private String problem;

    Link(String entryName) {
      this.entryName = entryName;
    }

    /** A function whose calls are being followed. */
    private final class Visit {
      final ResolvedFunction function;
      final int start;
      int next;

      Visit(ResolvedFunction function, int start) {
        this.function = function;
        this.start = start;
      }
    }

    BpfProgram run(CodeSection.Entry entry) {
      Deque<Visit> visits = new ArrayDeque<>();
      append(entry.function(), visits);
      follow(visits);
      CodeFunction callback =
          resolver.function(ExceptionCallback.nameOf(btf, entry.function().btfFunc()));
      if (callback != null && !starts.containsKey(callback)) {
        append(callback, visits);
        follow(visits);
      }
      String section = entry.function().code().section.name();
      return new BpfProgram(
          entryName,
          section,
          ProgramType.ofSection(section),
          ProgramType.fragsOfSection(section),
          Collections.unmodifiableList(instructions),
          List.copyOf(subprograms),
          Collections.unmodifiableList(lines),
          License.isGplCompatible(license),
          problem,
          btf,
          kernel);
    }

    /** Adds what the functions call that are not followed yet. */
    private void follow(Deque<Visit> visits) {
      while (!visits.isEmpty()) {
        Visit visit = visits.peek();
        if (visit.next == visit.function.calls().size()) {
          visits.pop();
          continue;
        }
        ResolvedFunction.Call call = visit.function.calls().get(visit.next++);
        Integer start = starts.get(call.target());
        int target = start != null ? start : append(call.target(), visits);
        int at = visit.start + call.slot();
        // A call counts from the next instruction, and so does the address of a function.
        instructions.set(at, instructions.get(at).withImm(target - at - 1));
      }
    }

    private int append(CodeFunction function, Deque<Visit> visits) {
      int start = instructions.size();
      starts.put(function, start);
      if (function.count() > budget) {
        fail(
            Place.of(function.code().section, (long) function.start() * Instruction.SIZE)
                + ": the object's programs are too long when all they call is added");
        return start;
      }
      budget -= function.count();
      ResolvedFunction resolved = resolver.resolve(function);
      if (resolved.problem() != null) {
        fail(resolved.problem());
      }
      Collections.addAll(instructions, resolved.instructions());
      subprograms.add(
          new Subprogram(
              subprograms.isEmpty() ? entryName : function.name(),
              start,
              instructions.size(),
              !subprograms.isEmpty() && function.exported() && function.btfFunc() != 0,
              function.btfFunc()));
      addLines(function, start);
      visits.push(new Visit(resolved, start));
      return start;
    }

    private void addLines(CodeFunction function, int start) {
      List<LineInfo> all = function.code().lines;
      for (int i = Ascending.firstFrom(all, function.start(), LineInfo::instruction);
          i < all.size() && all.get(i).instruction() < function.end();
          i++) {
        LineInfo line = all.get(i);
        lines.add(line.at(line.instruction() - function.start() + start));
      }
    }

    private void fail(String reason) {
      if (problem == null) {
        problem = Sentence.of(reason);
      }
    }
  }
}
