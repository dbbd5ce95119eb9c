package org.xdp4j.bench;

import static org.xdp4j.bpf.isa.Opcode.ADD;
import static org.xdp4j.bpf.isa.Opcode.ALU64;
import static org.xdp4j.bpf.isa.Opcode.DW;
import static org.xdp4j.bpf.isa.Opcode.EXIT;
import static org.xdp4j.bpf.isa.Opcode.H;
import static org.xdp4j.bpf.isa.Opcode.JGT;
import static org.xdp4j.bpf.isa.Opcode.JMP;
import static org.xdp4j.bpf.isa.Opcode.LDX;
import static org.xdp4j.bpf.isa.Opcode.LSH;
import static org.xdp4j.bpf.isa.Opcode.MEM;
import static org.xdp4j.bpf.isa.Opcode.MOV;
import static org.xdp4j.bpf.isa.Opcode.STX;
import static org.xdp4j.bpf.isa.Opcode.W;
import static org.xdp4j.bpf.isa.Opcode.X;
import static org.xdp4j.bpf.isa.Opcode.XOR;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.compiler.CompiledProgram;
import org.xdp4j.bpf.compiler.Compiler;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.memory.Region;

/**
 * How large the methods of a large program should be: a program of many loads, stores and branches,
 * split at several sizes, each in a JVM of its own that compiles in the foreground.
 */
final class SplitBenchmark implements Benchmark {
  private static final int UNITS = 100;
  private static final long CPU_NANOS = 4_000_000_000L;

  private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

  @Override
  public String name() {
    return "split";
  }

  @Override
  public String what() {
    return "a large program in methods of several sizes";
  }

  @Override
  public void run(Path root, Report report) throws IOException {
    PrintStream out = report.out();
    out.println("split: a large program in methods of about so many bytes");
    for (int methodBytes : new int[] {1000, 2000, 3000, 4000, 5000, 6000}) {
      String size = Integer.toString(methodBytes);
      out.println(Jvm.output(SplitBenchmark.class, List.of("-Xbatch"), size));
    }
  }

  /** In a JVM of its own: one size. */
  public static void main(String[] args) {
    int methodBytes = Integer.parseInt(args[0]);
    List<Instruction> program = program();
    Region region = Region.reserve(1 << 20);
    XdpContext context = new XdpContext(region, 0);
    long frame = region.allocate(64, 64);
    CompiledProgram compiled =
        Compiler.compileUnverified(
            program, region, Compiler.Options.defaults().withMethodBytes(methodBytes));
    int runs = 5_000_000 / program.size();
    long begin = THREAD.getCurrentThreadCpuTime();
    long start = begin;
    double best = Double.MAX_VALUE;
    long steady = 0;
    while (start - begin < CPU_NANOS) {
      for (int run = 0; run < runs; run++) {
        compiled.call(context, frame, 64, context.stackTop);
      }
      long end = THREAD.getCurrentThreadCpuTime();
      double nanos = (end - start) / (double) runs / program.size();
      if (nanos < best * 0.97) {
        steady = end - begin;
      }
      best = Math.min(best, nanos);
      start = end;
    }
    System.out.printf(
        "%d: %.3f ns an instruction, %d instructions, steady after %d ms of CPU%n",
        methodBytes, best, program.size(), steady / 1_000_000);
  }

  private static List<Instruction> program() {
    List<Instruction> program = new ArrayList<>();
    program.add(new Instruction(ALU64 | MOV, 0, 0, 0, 0));
    program.add(new Instruction(ALU64 | MOV | X, 6, 1, 0, 0));
    for (int i = 0; i < UNITS; i++) {
      program.add(new Instruction(LDX | MEM | W, 2, 6, i * 7 % 60, 0));
      program.add(new Instruction(ALU64 | ADD | X, 0, 2, 0, 0));
      program.add(new Instruction(LDX | MEM | H, 3, 6, i * 5 % 60, 0));
      program.add(new Instruction(JMP | JGT, 3, 0, 2, 60_000));
      program.add(new Instruction(ALU64 | XOR | X, 0, 3, 0, 0));
      program.add(new Instruction(ALU64 | LSH, 0, 0, 0, 1));
      program.add(new Instruction(STX | MEM | DW, 10, 0, -8 * (1 + i % 60), 0));
      program.add(new Instruction(LDX | MEM | DW, 4, 10, -8 * (1 + i * 11 % 60), 0));
      program.add(new Instruction(ALU64 | ADD | X, 0, 4, 0, 0));
    }
    program.add(new Instruction(JMP | EXIT, 0, 0, 0, 0));
    return program;
  }
}
