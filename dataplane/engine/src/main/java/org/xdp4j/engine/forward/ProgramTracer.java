package org.xdp4j.engine.forward;

import java.util.HexFormat;
import java.util.List;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.LineInfo;
import org.xdp4j.bpf.text.MapText;
import org.xdp4j.engine.frame.Frame;

/**
 * Runs one program in the interpreter, on its real maps, and says what it does: helpers it calls,
 * what it looks up in maps, and the line it returns from. Owned by one worker.
 */
final class ProgramTracer {
  private static final int LOOKUP = 1;
  private static final int UPDATE = 2;
  private static final int DELETE = 3;
  private static final int MAX_CALLS = 200;

  private final ForwardWorker worker;
  private final LoadedObject loaded;
  private final XdpProgram program;
  private final List<Instruction> instructions;
  private final InterpretedProgram interpreted;
  private Frame frame;
  private int last;
  private int pending;
  private String call;
  private int calls;

  ProgramTracer(ForwardWorker worker, Attachment attachment, int index) {
    this.worker = worker;
    this.loaded = attachment.loaded;
    this.program = attachment.chain[index].program();
    this.instructions = program.linked().program().instructions();
    this.interpreted = program.traced(this::before);
    interpreted.livesBy(program.lifetime());
  }

  /** Runs over the frame that the worker's context is at; what it returned. */
  long run(Frame over) {
    frame = over;
    last = 0;
    pending = 0;
    calls = 0;
    XdpContext context = worker.context;
    say("program " + program.name() + " begins", line(0));
    long code;
    boolean entered = context.enterRun();
    try {
      code = interpreted.execute(context, context.stackTop);
    } catch (RuntimeException | StackOverflowError fault) {
      program.count(context);
      say("it faulted: " + fault.getMessage(), line(last));
      return ProgramStage.ABORTED;
    } finally {
      if (entered) {
        context.leaveRun();
      }
    }
    say("program " + program.name() + " returned " + name((int) code), line(last));
    frame = null;
    return code;
  }

  private static String name(int code) {
    return switch (code) {
      case ProgramStage.ABORTED -> "XDP_ABORTED";
      case ProgramStage.DROP -> "XDP_DROP";
      case ProgramStage.PASS -> "XDP_PASS";
      case ProgramStage.TX -> "XDP_TX";
      case ProgramStage.REDIRECT -> "XDP_REDIRECT";
      default -> code + ", which is no action";
    };
  }

  private void before(int index, long[] registers) {
    if (pending != 0) {
      returned(registers[0]);
    }
    Instruction instruction = instructions.get(index);
    if (instruction.isHelperCall() && calls++ < MAX_CALLS) {
      pending = instruction.imm();
      call = describe(pending, registers);
      last = index;
    } else if (!instruction.isExit()) {
      last = index;
    }
  }

  private void returned(long result) {
    String outcome;
    if (pending == LOOKUP) {
      outcome = result == 0 ? "not there" : "there";
    } else {
      outcome = Long.toString(result);
    }
    pending = 0;
    say(call + ": " + outcome, line(last));
  }

  private String describe(int helper, long[] registers) {
    String name = Helpers.byId(helper).map(spec -> spec.name()).orElse("helper " + helper);
    if (helper != LOOKUP && helper != UPDATE && helper != DELETE) {
      return name;
    }
    BpfMap map = loaded.mapAt(registers[1]).orElse(null);
    if (map == null) {
      return name;
    }
    return "%s(%s, %s)".formatted(name, loaded.definition(map).name(), key(map, registers[2]));
  }

  private String key(BpfMap map, long at) {
    MapSpec spec = loaded.definition(map);
    byte[] key = worker.memory.asSlice(at, spec.keySize()).toArray(Region.BYTE);
    try {
      return new MapText(spec, loaded.object().btf()).keyText(key);
    } catch (RuntimeException e) {
      return HexFormat.of().formatHex(key);
    }
  }

  private void say(String text, String source) {
    for (Tap tap : worker.taps()) {
      tap.ran(frame, text, source);
    }
  }

  private String line(int index) {
    LineInfo found = null;
    for (LineInfo line : program.linked().program().lines()) {
      if (line.instruction() <= index) {
        found = line;
      }
    }
    return found == null ? null : found.location() + ": " + found.text();
  }
}
