package org.xdp4j.bpf.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.generate.Operations;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.testing.Covers;

/**
 * Generated programs that reckon with pointers into an arena and use them, wherever they lead:
 * interpreter, compiled code and the running kernel leave the same. Of four pages the third is not
 * there.
 */
class ArenaAgreementTest {
  private static final int PROGRAMS = Integer.getInteger("xdp4j.arena.programs", 400);
  private static final int PAGES = 4;
  private static final int ABSENT = 2;
  private static final int[] SIZES = {Opcode.B, Opcode.H, Opcode.W, Opcode.DW};
  private static final int[] ATOMIC = {
    Opcode.ADD,
    Opcode.OR,
    Opcode.AND,
    Opcode.XOR,
    Opcode.ADD | Opcode.FETCH,
    Opcode.XCHG,
    Opcode.CMPXCHG,
    Opcode.LOAD_ACQ,
    Opcode.STORE_REL
  };

  /**
   * Low halves of where the arena lies: at the beginning, in the middle and at the end of 4 GiB.
   */
  private static final long[] STARTS = {
    1L << 44, (1L << 44) + (1L << 30), (2L << 44) - PAGES * 4096
  };

  /** Writes one program. */
  private static final class Writer {
    final Random random;
    final List<Instruction> code = new ArrayList<>();

    Writer(long seed) {
      random = new Random(seed);
    }

    void add(int opcode, int dst, int src, int offset, int imm) {
      code.add(new Instruction(opcode, dst, src, offset, imm));
    }

    void cast(int dst, int src, int spaces) {
      add(Opcode.ALU64 | Opcode.MOV | Opcode.X, dst, src, Opcode.ADDR_SPACE_CAST, spaces);
    }

    int pointer() {
      return random.nextBoolean() ? 6 : 8;
    }

    void base(int register) {
      add(Opcode.LDDW, register, Opcode.PSEUDO_MAP_IDX_VALUE, 0, 0);
      add(0, 0, 0, 0, random.nextInt(PAGES * 4096));
      cast(register, register, 1);
    }

    List<Instruction> write() {
      add(Opcode.ALU64 | Opcode.MOV | Opcode.K, 7, 0, 0, 1);
      add(Opcode.ALU64 | Opcode.MOV | Opcode.K, 9, 0, 0, random.nextInt(100));
      base(6);
      base(8);
      for (int i = 0; i < 30; i++) {
        statement();
      }
      add(Opcode.ALU64 | Opcode.MOV | Opcode.X, 0, 7, 0, 0);
      add(Opcode.ALU64 | Opcode.RSH | Opcode.K, 0, 0, 0, 32);
      add(Opcode.ALU64 | Opcode.XOR | Opcode.X, 0, 7, 0, 0);
      add(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0);
      return code;
    }

    void fold(int register) {
      add(Opcode.ALU64 | Opcode.MUL | Opcode.K, 7, 0, 0, 31);
      add(Opcode.ALU64 | Opcode.ADD | Opcode.X, 7, register, 0, 0);
    }

    int offset() {
      return random.nextInt(4) == 0 ? random.nextInt(-4096, 4096) : random.nextInt(-16, 17);
    }

    void statement() {
      switch (random.nextInt(12)) {
        case 0 -> base(pointer());
        case 1, 2, 3 -> load();
        case 4, 5, 6 -> store();
        case 7 -> atomic();
        case 8 -> arithmetic();
        case 9 -> toUser();
        case 10 -> compare();
        default -> spill();
      }
    }

    void load() {
      int size = SIZES[random.nextInt(4)];
      int mode = size != Opcode.DW && random.nextInt(4) == 0 ? Opcode.MEMSX : Opcode.MEM;
      add(Opcode.LDX | mode | size, 1, pointer(), offset(), 0);
      fold(1);
      if (random.nextInt(4) == 0) {
        add(Opcode.ALU64 | Opcode.MOV | Opcode.X, 9, 1, 0, 0);
      }
    }

    void store() {
      int size = SIZES[random.nextInt(4)];
      if (random.nextBoolean()) {
        add(Opcode.ST | Opcode.MEM | size, pointer(), 0, offset(), random.nextInt());
      } else {
        add(Opcode.STX | Opcode.MEM | size, pointer(), random.nextBoolean() ? 7 : 9, offset(), 0);
      }
    }

    /**
     * At a multiple of the size: what x86 does elsewhere other machines do not. Its operand has no
     * more bytes than it works on: see {@link #whatAnAtomicOperationLeavesWhereNothingIs}.
     */
    void atomic() {
      int size = random.nextBoolean() ? Opcode.W : Opcode.DW;
      add(Opcode.ALU64 | Opcode.MOV | Opcode.X, 1, pointer(), 0, 0);
      add(Opcode.ALU64 | Opcode.AND | Opcode.K, 1, 0, 0, -8);
      int operation = ATOMIC[random.nextInt(ATOMIC.length)];
      int offset = random.nextInt(-2, 3) * 8;
      int alu = size == Opcode.W ? Opcode.ALU : Opcode.ALU64;
      add(alu | Opcode.MOV | Opcode.X, 2, 7, 0, 0);
      add(Opcode.LDX | Opcode.MEM | size, 0, 1, offset, 0);
      if (random.nextBoolean()) {
        add(alu | Opcode.ADD | Opcode.K, 0, 0, 0, 1);
      }
      if (operation == Opcode.LOAD_ACQ) {
        add(Opcode.STX | Opcode.ATOMIC | size, 2, 1, offset, operation);
      } else {
        add(Opcode.STX | Opcode.ATOMIC | size, 1, 2, offset, operation);
      }
      fold(0);
      fold(2);
    }

    void arithmetic() {
      int type = random.nextInt(3) == 0 ? Opcode.ALU : Opcode.ALU64;
      int operation =
          random.nextInt(3) > 0
              ? Opcode.ADD
              : Operations.ARITHMETIC[random.nextInt(Operations.ARITHMETIC.length)];
      int to = random.nextInt(5) == 0 ? 9 : pointer();
      if (to == 9 || random.nextInt(3) == 0) {
        int from = to == 9 ? pointer() : random.nextBoolean() ? 9 : 14 - to;
        add(type | operation | Opcode.X, to, from, 0, 0);
        if (to == 9) { // it has become a pointer
          add(Opcode.LDX | Opcode.MEM | Opcode.W, 9, 9, offset(), 0);
          fold(9);
        }
      } else {
        boolean small = operation == Opcode.LSH || operation == Opcode.RSH;
        int imm = small || operation == Opcode.ARSH ? random.nextInt(8) : random.nextInt(1, 3000);
        add(type | operation | Opcode.K, to, 0, 0, imm);
      }
    }

    void toUser() {
      cast(1, pointer(), 1 << 16);
      fold(1);
    }

    void compare() {
      int[] jumps = {Opcode.JEQ, Opcode.JGT, Opcode.JLE, Opcode.JSGT, Opcode.JNE};
      int jump = jumps[random.nextInt(jumps.length)];
      if (random.nextBoolean()) {
        add(Opcode.JMP | jump | Opcode.X, 6, 8, 2, 0);
      } else {
        add(Opcode.JMP | jump | Opcode.K, pointer(), 0, 2, random.nextInt(0x4000));
      }
      fold(9);
    }

    void spill() {
      int from = pointer();
      add(Opcode.STX | Opcode.MEM | Opcode.DW, 10, from, -8, 0);
      add(Opcode.LDX | Opcode.MEM | Opcode.DW, 14 - from, 10, -8, 0);
    }
  }

  /** What a run left. */
  private record Left(int returnCode, List<byte[]> pages) {}

  @Covers("ARENA")
  @Test
  void generatedProgramsLeaveTheSame() throws Exception {
    int accepted = 0;
    for (int i = 0; i < PROGRAMS; i++) {
      MapSpec arena =
          MapSpec.of("arena", MapType.ARENA, 0, 0, PAGES, MapSpec.F_MMAPABLE)
              .withExtra(STARTS[i % STARTS.length]);
      BpfProgram program = BpfProgram.of(new Writer(i).write());
      Left compiled = here(program, arena, false, i);
      same("interpreter, " + i, here(program, arena, true, i), compiled);
      if (KernelOracle.available()) {
        Left kernel = inLinux(program, arena, i);
        same("kernel, " + i, kernel, compiled);
        accepted++;
      }
    }
    System.out.printf(
        "arenas: %d generated programs, %d of them in the kernel: 0 differences%n",
        PROGRAMS, accepted);
  }

  /**
   * {@code r2 = -1; r2 = OPERATION(absent, r2); r0 = r2 >> 32} of 32 bits: the verifier, ours and
   * the kernel's, says 0. Linux leaves all of r2, so that its program contradicts its proof; here
   * the upper half is 0 as proved.
   */
  @ParameterizedTest
  @ValueSource(ints = {Opcode.ADD | Opcode.FETCH, Opcode.XCHG, Opcode.CMPXCHG, Opcode.LOAD_ACQ})
  void whatAnAtomicOperationLeavesWhereNothingIs(int operation) throws Exception {
    boolean load = operation == Opcode.LOAD_ACQ;
    int result = operation == Opcode.CMPXCHG ? 0 : 2;
    Writer writer = new Writer(0);
    writer.add(Opcode.LDDW, 1, Opcode.PSEUDO_MAP_IDX_VALUE, 0, 0);
    writer.add(0, 0, 0, 0, ABSENT * 4096);
    writer.cast(1, 1, 1);
    writer.add(Opcode.ALU64 | Opcode.MOV | Opcode.K, 0, 0, 0, -1);
    writer.add(Opcode.ALU64 | Opcode.MOV | Opcode.K, 2, 0, 0, -1);
    writer.add(Opcode.STX | Opcode.ATOMIC | Opcode.W, load ? 2 : 1, load ? 1 : 2, 0, operation);
    writer.add(Opcode.ALU64 | Opcode.MOV | Opcode.X, 0, result, 0, 0);
    writer.add(Opcode.ALU64 | Opcode.RSH | Opcode.K, 0, 0, 0, 32);
    writer.add(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0);
    MapSpec arena =
        MapSpec.of("arena", MapType.ARENA, 0, 0, PAGES, MapSpec.F_MMAPABLE).withExtra(STARTS[0]);
    BpfProgram program = BpfProgram.of(writer.code);
    assertThat(here(program, arena, true, 0).returnCode()).isZero();
    assertThat(here(program, arena, false, 0).returnCode()).isZero();
    if (KernelOracle.available()) {
      assertThat(inLinux(program, arena, 0).returnCode()).isEqualTo(-1);
    }
  }

  private static void same(String what, Left expected, Left actual) {
    assertThat(actual.returnCode()).as(what).isEqualTo(expected.returnCode());
    for (int page = 0; page < PAGES - 1; page++) {
      assertThat(actual.pages().get(page)).as(what).isEqualTo(expected.pages().get(page));
    }
  }

  private static byte[] content(int seed, int page) {
    byte[] bytes = new byte[4096];
    new Random(seed * 31L + page).nextBytes(bytes);
    return bytes;
  }

  private static Left here(BpfProgram program, MapSpec spec, boolean interpret, int seed)
      throws Exception {
    BpfObject object = new BpfObject("arena", List.of(program), List.of(spec), Btf.EMPTY, "GPL");
    LoadOptions options = new LoadOptions(1, interpret, false, Set.of());
    try (Region region = Region.reserve(1 << 21);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      ArenaMap arena = (ArenaMap) loaded.map("arena").orElseThrow();
      for (int page = 0; page < PAGES; page++) {
        long at = arena.userStart() + page * 4096L;
        assertThat(page == ABSENT || arena.write(at, content(seed, page))).isTrue();
      }
      XdpProgram loadedProgram = loaded.programs().getFirst();
      TestRun.Result run = TestRun.run(loadedProgram, new XdpContext(region, 0), new byte[64], 1);
      assertThat(loadedProgram.faults()).isZero();
      assertThat(arena.pagesInUse()).isEqualTo(PAGES - 1);
      List<byte[]> pages = new ArrayList<>();
      for (int page = 0; page < PAGES; page++) {
        if (page != ABSENT) {
          pages.add(arena.peek(arena.userStart() + page * 4096L, 4096));
        }
      }
      return new Left(run.returnCode(), pages);
    }
  }

  private static Left inLinux(BpfProgram program, MapSpec spec, int seed) {
    List<KernelMap> maps = KernelOracle.createMaps(program, List.of(spec));
    try {
      MemorySegment memory = maps.getFirst().memory();
      for (int page = 0; page < PAGES; page++) {
        if (page != ABSENT) {
          byte[] bytes = content(seed, page);
          MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, page * 4096L, bytes.length);
        }
      }
      KernelOracle.Verdict verdict = KernelOracle.load(program, maps, KernelOracle.LOG_FULL);
      assertThat(verdict.accepted()).as(verdict.log()).isTrue();
      try (KernelProgram loaded = verdict.program()) {
        int returnCode = loaded.run(new byte[64]).returnCode();
        List<byte[]> pages = new ArrayList<>();
        for (int page = 0; page < PAGES; page++) {
          if (page != ABSENT) {
            pages.add(memory.asSlice(page * 4096L, 4096).toArray(ValueLayout.JAVA_BYTE));
          }
        }
        return new Left(returnCode, pages);
      }
    } finally {
      maps.forEach(KernelMap::close);
    }
  }
}
