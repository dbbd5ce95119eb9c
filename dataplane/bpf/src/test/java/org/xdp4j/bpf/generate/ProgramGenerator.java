package org.xdp4j.bpf.generate;

import static org.xdp4j.bpf.isa.Opcode.B;
import static org.xdp4j.bpf.isa.Opcode.DW;
import static org.xdp4j.bpf.isa.Opcode.H;
import static org.xdp4j.bpf.isa.Opcode.W;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.Subprogram;

/**
 * Writes random XDP programs that are mostly valid. Registers have fixed roles, so that any
 * statement may stand anywhere:
 *
 * <pre>
 *  r0..r5  numbers, lost at calls and then set again
 *  r6      the context
 *  r7      packet data, of which {@link #CHECKED} bytes are known to be there
 *  r8      a number that survives calls
 *  r9      a loop's counter, or a number outside loops
 *  r10     the frame; [-64, 0) always initialised
 * </pre>
 *
 * No pointer ever reaches a number, the packet or a map: results compare between address spaces.
 */
public final class ProgramGenerator {
  /** Packet bytes every program checks for. */
  public static final int CHECKED = 40;

  static final int STACK_BYTES = 64;
  static final int ARRAY = 0;
  static final int HASH = 1;
  static final int PER_CPU_ARRAY = 2;
  static final int LPM = 3;
  static final int VALUE_SIZE = 24;

  private static final int[] SIZES = {B, H, W, DW};

  /** The maps of every generated program, by index. */
  public static final List<MapSpec> MAPS =
      List.of(
          MapSpec.of("array", MapType.ARRAY, 4, VALUE_SIZE, 5, 0),
          MapSpec.of("hash", MapType.HASH, 8, VALUE_SIZE, 16, 0),
          MapSpec.of("percpu", MapType.PERCPU_ARRAY, 4, VALUE_SIZE, 3, 0),
          MapSpec.of("lpm", MapType.LPM_TRIE, 8, VALUE_SIZE, 16, MapSpec.F_NO_PREALLOC));

  private final RandomGenerator random;
  private final Code code = new Code();
  private final int out;
  private final AluStatements alu;
  private final MapStatements maps;
  private final PacketStatements packet;
  private final List<Integer> pendingSubprograms = new ArrayList<>();
  private boolean inLoop;
  private boolean inSubprogram;

  private ProgramGenerator(long seed) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    out = code.newLabel();
    alu = new AluStatements(code, random);
    maps = new MapStatements(code, random);
    packet = new PacketStatements(code, random, out);
  }

  /** The program of this seed. */
  public static GeneratedProgram generate(long seed) {
    return new ProgramGenerator(seed).write(seed);
  }

  private GeneratedProgram write(long seed) {
    prologue();
    int statements = 4 + random.nextInt(36);
    block(statements, 0);
    alu.foldNumbers();
    code.place(out);
    code.exit();
    List<Subprogram> subprograms = new ArrayList<>();
    subprograms.add(new Subprogram("main", 0, code.size(), false, 0));
    for (int i = 0; i < pendingSubprograms.size(); i++) {
      int start = code.size();
      subprogram(pendingSubprograms.get(i));
      subprograms.add(new Subprogram("sub" + i, start, code.size(), false, 0));
    }
    return new GeneratedProgram(seed, code.finish(), subprograms, MAPS);
  }

  private void prologue() {
    code.mov(6, 1);
    code.movImm(0, random.nextInt(6));
    packet.check();
    alu.setNumbers(0, 5);
    alu.setNumbers(8, 9);
    initialiseStack();
  }

  private void initialiseStack() {
    for (int offset = -STACK_BYTES; offset < 0; offset += 8) {
      if (random.nextBoolean()) {
        code.storeImm(DW, 10, offset, random.nextInt());
      } else {
        code.store(DW, 10, alu.number(), offset);
      }
    }
  }

  private void block(int statements, int depth) {
    for (int i = 0; i < statements; i++) {
      statement(depth);
    }
  }

  private void statement(int depth) {
    switch (random.nextInt(inSubprogram ? 14 : 24)) {
      case 0, 1, 2, 3, 4 -> alu.statement();
      case 5, 6 -> stackAccess();
      case 7 -> stackAtomic();
      case 8, 9 -> branch(depth);
      case 10 -> loop(depth);
      case 11 -> conditionalMove();
      case 12 -> maps.checksum();
      case 13 -> maps.number();
      case 14, 15 -> packet.access();
      case 16 -> packet.variableAccess();
      case 17 -> packet.context();
      case 18 -> maps.lookup(ARRAY);
      case 19 -> maps.lookup(HASH);
      case 20 -> maps.lookup(random.nextBoolean() ? PER_CPU_ARRAY : LPM);
      case 21 -> maps.updateOrDelete();
      case 22 -> packet.move();
      default -> callSubprogram();
    }
  }

  private void stackAccess() {
    int size = SIZES[random.nextInt(4)];
    int bytes = Sizes.bytes(size);
    int offset = -bytes * (1 + random.nextInt(STACK_BYTES / bytes));
    switch (random.nextInt(3)) {
      case 0 -> code.load(size, random.nextBoolean(), alu.number(), 10, offset);
      case 1 -> code.store(size, 10, alu.number(), offset);
      default -> code.storeImm(size, 10, offset, random.nextInt());
    }
  }

  private void stackAtomic() {
    boolean wide = random.nextBoolean();
    int bytes = wide ? 8 : 4;
    int offset = -bytes * (1 + random.nextInt(STACK_BYTES / bytes));
    alu.atomic(10, offset, wide);
  }

  private void branch(int depth) {
    int skip = code.newLabel();
    alu.jump(skip);
    if (depth < 3) {
      block(1 + random.nextInt(3), depth + 1);
    } else {
      alu.statement();
    }
    if (random.nextInt(3) == 0) {
      int end = code.newLabel();
      code.jump(random.nextInt(4) == 0, end);
      code.place(skip);
      alu.statement();
      code.place(end);
    } else {
      code.place(skip);
    }
  }

  private void loop(int depth) {
    if (inLoop || depth > 2) {
      alu.statement();
      return;
    }
    inLoop = true;
    alu.reserveCounter(true);
    code.movImm(9, 0);
    int head = code.newLabel();
    code.place(head);
    block(1 + random.nextInt(3), depth + 1);
    code.aluImm(true, Opcode.ADD, 9, 1);
    code.jumpImm(random.nextBoolean(), Opcode.JLT, 9, 1 + random.nextInt(6), head);
    alu.reserveCounter(false);
    inLoop = false;
  }

  private void conditionalMove() {
    int skip = code.newLabel();
    alu.jump(skip);
    code.mov(alu.number(), alu.number());
    code.place(skip);
  }

  private void callSubprogram() {
    if (pendingSubprograms.size() >= 3) {
      alu.statement();
      return;
    }
    int label = code.newLabel();
    pendingSubprograms.add(label);
    code.callSubprogram(label);
    alu.setNumbers(1, 5);
  }

  private void subprogram(int label) {
    inSubprogram = true;
    alu.reserveCounter(false);
    code.place(label);
    code.movImm(0, random.nextInt());
    alu.setNumbers(8, 9);
    initialiseStack();
    block(2 + random.nextInt(6), 1);
    alu.foldNumbers();
    code.exit();
    inSubprogram = false;
  }
}
