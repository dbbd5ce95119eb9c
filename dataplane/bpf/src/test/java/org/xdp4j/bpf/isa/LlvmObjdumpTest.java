package org.xdp4j.bpf.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The listing held against the tool it copies, line by line. */
class LlvmObjdumpTest {
  private static final int SLOTS = 12_000;
  private static final int[] IMMEDIATES = {
    0, 1, 5, 16, 32, 64, -1, 0x40, 0x41, 0x50, 0x51, 0xa0, 0xa1, 0xe1, 0xf1, 0x7fffffff, -0x80000000
  };
  private static final int[] OFFSETS = {0, 0, 1, 8, 16, 32, -1, -8, 0x7fff, -0x8000};

  @TempDir Path folder;

  @BeforeEach
  void tools() {
    LlvmTools.assume("llvm-mc-19", "llvm-objdump-19");
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void listsAnyBytesAsLlvmObjdumpDoes(Dialect dialect) throws Exception {
    Random random = new Random(dialect.ordinal());
    ByteBuffer code = ByteBuffer.allocate(SLOTS * 8).order(ByteOrder.LITTLE_ENDIAN);
    while (code.hasRemaining()) {
      code.putLong(slot(random).encode());
    }
    compare(code.array(), labels(random, SLOTS * 8), dialect);
  }

  @Test
  void listsZeroesAndHalvesOfInstructionsAsLlvmObjdumpDoes() throws Exception {
    Random random = new Random(7);
    byte[] code = new byte[4_000];
    for (int i = 0; i < code.length; i++) {
      code[i] = (byte) (random.nextInt(12) < 9 ? 0 : random.nextBoolean() ? 0x18 : 0x95);
    }
    compare(code, labels(random, code.length), Dialect.GENERIC);
  }

  private void compare(byte[] code, List<SectionListing.Symbol> labels, Dialect dialect)
      throws Exception {
    Path object = LlvmTools.object(folder, code, labels);
    String mcpu = dialect == Dialect.GENERIC ? "--mcpu=generic" : "--mcpu=v4";
    String theirs = LlvmTools.run("llvm-objdump-19", "-d", mcpu, object.toString());
    String ours = SectionListing.of(".text", code, labels, dialect);
    List<String> lines = theirs.lines().skip(2).toList();
    List<String> ourLines = ours.lines().toList();
    for (int i = 0; i < Math.min(lines.size(), ourLines.size()); i++) {
      assertThat(ourLines.get(i)).as("line %d", i).isEqualTo(lines.get(i));
    }
    assertThat(ourLines).hasSameSizeAs(lines);
  }

  private static List<SectionListing.Symbol> labels(Random random, int size) {
    List<SectionListing.Symbol> labels = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      labels.add(new SectionListing.Symbol(random.nextInt(size / 8) * 8L, "label" + i));
    }
    return labels;
  }

  private static Instruction slot(Random random) {
    int opcode = random.nextInt(256);
    int registers = random.nextInt(16) == 0 ? 16 : 11;
    boolean small = random.nextInt(4) > 0;
    int offset = small ? OFFSETS[random.nextInt(OFFSETS.length)] : (short) random.nextInt();
    int imm =
        random.nextInt(4) > 0 ? IMMEDIATES[random.nextInt(IMMEDIATES.length)] : random.nextInt();
    // The tool of this version takes acquiring loads for additions.
    imm = imm == Opcode.LOAD_ACQ || imm == Opcode.STORE_REL ? 0 : imm;
    return new Instruction(
        opcode, random.nextInt(registers), random.nextInt(registers), offset, imm);
  }
}
