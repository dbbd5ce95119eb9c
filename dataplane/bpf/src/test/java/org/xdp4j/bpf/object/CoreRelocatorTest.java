package org.xdp4j.bpf.object;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfBuilder;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** CO-RE relocations against types that no compiler or no kernel of today writes. */
class CoreRelocatorTest {
  private static final int BYTE_OFFSET = 0;
  private static final int FIELD_EXISTS = 2;
  private static final int TYPE_ID_LOCAL = 6;
  private static final int TYPE_EXISTS = 8;
  private static final int TYPE_MATCHES = 12;
  private static final long ASKED = Samples.mov(0, 1);

  /** So many relocations, each of so many types, were too many to compare. */
  private static final int CROWD = 4200;

  /** The program {@code slot; exit} with a relocation of its first instruction. */
  private static BpfProgram program(
      BtfBuilder own, int type, String access, int kind, long slot, Btf kernel) throws Exception {
    ElfBuilder elf = new ElfBuilder();
    int code = elf.code("xdp", slot, Samples.EXIT);
    elf.symbol("p", ElfBuilder.GLOBAL | ElfBuilder.FUNC, code, 0, 16);
    own.relocationAt("xdp", 0, type, access, kind);
    elf.section(".BTF", ElfSection.PROGBITS, 0, own.btf());
    elf.section(".BTF.ext", ElfSection.PROGBITS, 0, own.ext());
    return ObjectReader.read("core.o", elf.license("GPL").build(), Kconfig.DEFAULT, kernel)
        .program("p")
        .orElseThrow();
  }

  private static Instruction first(BpfProgram program) {
    assertThat(program.problem()).isNull();
    return program.instructions().getFirst();
  }

  private static boolean isPoisoned(Instruction instruction) {
    return instruction.opcode() == (Opcode.JMP | Opcode.CALL)
        && instruction.imm() == Helpers.MISSING_TARGET;
  }

  /** Whether the typedef {@code t}, the last type of {@code own}, exists in {@code kernel}. */
  private static int exists(BtfBuilder own, BtfBuilder kernel) throws Exception {
    int type = own.typedef("t", last(own));
    kernel.typedef("t", last(kernel));
    return first(program(own, type, "0", TYPE_EXISTS, ASKED, kernel.parse())).imm();
  }

  private static int last(BtfBuilder btf) throws Exception {
    return btf.parse().count() - 1;
  }

  private static BtfBuilder pointerToItself() {
    BtfBuilder btf = new BtfBuilder();
    btf.typedef("t", btf.pointer(1));
    return btf;
  }

  @ParameterizedTest
  @ValueSource(ints = {TYPE_EXISTS, TYPE_MATCHES})
  void aPointerToItselfIsRefusedAtOnce(int kind) throws Exception {
    BpfProgram program = program(pointerToItself(), 2, "0", kind, ASKED, pointerToItself().parse());
    assertThat(program.problem()).contains("CO-RE", "more than 32 levels");
  }

  /** Pointers where an integer is not said to be. */
  private static BtfBuilder prototype(boolean returnsInteger, boolean... integers) {
    BtfBuilder btf = new BtfBuilder();
    int integer = btf.integer("int", 4, true);
    int pointer = btf.pointer(0);
    Object[] params = new Object[2 * integers.length];
    for (int i = 0; i < integers.length; i++) {
      params[2 * i] = "p" + i;
      params[2 * i + 1] = integers[i] ? integer : pointer;
    }
    btf.pointer(btf.prototype(returnsInteger ? integer : pointer, params));
    return btf;
  }

  @Test
  void prototypesAreComparedByTheirParametersAndWhatTheyReturn() throws Exception {
    assertThat(exists(prototype(true, true, false), prototype(true, true, false))).isEqualTo(1);
    assertThat(exists(prototype(true, true, false), prototype(true, true, true))).isZero();
    assertThat(exists(prototype(true, true, false), prototype(true, false, false))).isZero();
    assertThat(exists(prototype(true, true, false), prototype(false, true, false))).isZero();
    assertThat(exists(prototype(true, true, false), prototype(true, true))).isZero();
    assertThat(exists(prototype(true), prototype(true))).isEqualTo(1);
  }

  private static BtfBuilder prototypeOfItself() {
    BtfBuilder btf = new BtfBuilder();
    int pointer = btf.pointer(2);
    btf.prototype(0, "self", pointer, "again", pointer);
    btf.typedef("t", pointer);
    return btf;
  }

  @Test
  void aPrototypeThatTakesItselfIsRefused() throws Exception {
    BpfProgram program =
        program(prototypeOfItself(), 3, "0", TYPE_EXISTS, ASKED, prototypeOfItself().parse());
    assertThat(program.problem()).contains("CO-RE", "more than 32 levels");
  }

  private static BtfBuilder number(int bytes, int bitOffset) {
    BtfBuilder btf = new BtfBuilder();
    btf.type("number", 1, false, 0, bytes, bitOffset << 16 | 8);
    return btf;
  }

  private static BtfBuilder floating() {
    BtfBuilder btf = new BtfBuilder();
    btf.type("double", 16, false, 0, 8);
    return btf;
  }

  @Test
  void numbersAreAlikeUnlessTheyAreFloatingOrOldBitfields() throws Exception {
    assertThat(exists(number(4, 0), number(8, 0))).isEqualTo(1);
    assertThat(exists(number(4, 8), number(4, 0))).isZero();
    assertThat(exists(number(4, 0), number(4, 8))).isZero();
    assertThat(exists(floating(), floating())).isZero();
  }

  /** {@code struct name { number f; }}, as type 2. */
  private static BtfBuilder field(String name, int bytes, boolean signed, int bitOffset) {
    BtfBuilder btf = new BtfBuilder();
    btf.struct(name, 16, "f", btf.integer("number", bytes, signed), bitOffset);
    return btf;
  }

  /** {@code struct s { number f[2]; }}, as type 2. */
  private static BtfBuilder array(int bytes) {
    BtfBuilder btf = new BtfBuilder();
    btf.struct("s", 16, "f", 3, 0);
    int number = btf.integer("number", bytes, false);
    assertThat(btf.array(number, 2)).isEqualTo(3);
    return btf;
  }

  private static BpfProgram accessing(BtfBuilder own, int type, int size, BtfBuilder kernel)
      throws Exception {
    long load = Samples.slot(Opcode.LDX | Opcode.MEM | size, 0, 1, 0, 0);
    return program(own, type, "0:0", BYTE_OFFSET, load, kernel.parse());
  }

  @Test
  void aLoadFollowsAnUnsignedFieldInSize() throws Exception {
    BtfBuilder kernel = field("s", 8, false, 64);
    Instruction load = first(accessing(field("s", 4, false, 0), 2, Opcode.W, kernel));
    assertThat(load.opcode()).isEqualTo(Opcode.LDX | Opcode.MEM | Opcode.DW);
    assertThat(load.offset()).isEqualTo(8);
  }

  @Test
  void aLoadOfAnythingElseThatHasAnotherSizeIsPoisoned() throws Exception {
    BtfBuilder signed = field("s", 8, true, 0);
    assertThat(isPoisoned(first(accessing(field("s", 4, true, 0), 2, Opcode.W, signed)))).isTrue();
    BtfBuilder same = field("s", 4, true, 32);
    assertThat(isPoisoned(first(accessing(field("s", 4, true, 0), 2, Opcode.W, same)))).isFalse();
    assertThat(isPoisoned(first(accessing(array(4), 1, Opcode.W, array(8))))).isTrue();
    assertThat(isPoisoned(first(accessing(array(4), 1, Opcode.W, array(4))))).isFalse();
  }

  @Test
  void aLoadOfAnotherSizeThanItsFieldCannotFollowIt() throws Exception {
    BtfBuilder kernel = field("s", 8, false, 64);
    assertThat(accessing(field("s", 4, false, 0), 2, Opcode.B, kernel).problem())
        .contains("a CO-RE relocation of a field of 4 bytes by an access of another size");
  }

  /** Two structures of one name, each with a field at its own place. */
  private static BtfBuilder two(String one, int bytes, int at, String other, int bits, int there) {
    BtfBuilder btf = field(one, bytes, true, at);
    btf.struct(other, 16, "f", btf.integer("number", bits, true), there);
    return btf;
  }

  private static BpfProgram offset(BtfBuilder own, BtfBuilder kernel) throws Exception {
    return program(own, 2, "0:0", BYTE_OFFSET, Samples.mov(0, 0), kernel.parse());
  }

  @Test
  void severalTypesOfANameMustAgreeInPlaceOnly() throws Exception {
    BtfBuilder agree = two("s", 4, 32, "s", 8, 32);
    assertThat(first(offset(field("s", 4, true, 0), agree)).imm()).isEqualTo(4);
    BtfBuilder differ = two("s", 4, 32, "s", 4, 64);
    assertThat(offset(field("s", 4, true, 0), differ).problem())
        .contains("'s', which is several types in the kernel, and they differ");
  }

  @Test
  void aTypeOfTheKernelsMayHaveAFlavourToo() throws Exception {
    BtfBuilder kernel = field("s___2", 4, true, 64);
    assertThat(first(offset(field("s___mine", 4, true, 0), kernel)).imm()).isEqualTo(8);
    BtfBuilder differ = two("s", 4, 32, "s___2", 4, 64);
    assertThat(offset(field("s", 4, true, 0), differ).problem()).contains("they differ");
  }

  @Test
  void aTypeWithoutANameIsNoneOfTheKernels() throws Exception {
    BtfBuilder kernel = field("s", 4, true, 0);
    BpfProgram asked = program(field("", 4, true, 0), 2, "0", TYPE_EXISTS, ASKED, kernel.parse());
    assertThat(asked.problem())
        .contains("a CO-RE relocation of a type without a name, which no kernel's is");
    BpfProgram ofItself = program(field("", 4, true, 0), 2, "0", TYPE_EXISTS, ASKED, Btf.EMPTY);
    assertThat(first(ofItself).imm()).isEqualTo(1);
    BpfProgram own =
        program(field("", 4, true, 0), 2, "0", TYPE_ID_LOCAL, Samples.mov(0, 7), kernel.parse());
    assertThat(first(own).imm()).isEqualTo(2);
  }

  /** {@code struct s { number f[count]; number after; }}, the second when it is said to follow. */
  private static BtfBuilder elements(int count, boolean followed) {
    BtfBuilder btf = new BtfBuilder();
    int number = btf.integer("number", 4, true);
    int array = btf.array(number, count);
    if (followed) {
      btf.struct("s", 8, "f", array, 0, "after", number, 32);
    } else {
      btf.struct("s", 8, "f", array, 0);
    }
    return btf;
  }

  private static BpfProgram element(BtfBuilder own, BtfBuilder kernel) throws Exception {
    return program(own, 3, "0:0:3", FIELD_EXISTS, ASKED, kernel.parse());
  }

  @Test
  void onlyAnArrayWithoutSizeAtTheEndHasElementsBeyondIt() throws Exception {
    assertThat(first(element(elements(4, false), elements(0, false))).imm()).isEqualTo(1);
    assertThat(first(element(elements(4, false), elements(0, true))).imm()).isZero();
    assertThat(first(element(elements(4, false), elements(1, false))).imm()).isZero();
    assertThat(element(elements(1, false), elements(4, false)).problem())
        .contains("a CO-RE relocation of a field that its type has not");
  }

  /** Without a kernel's types the first that fits is meant, and the others are not compared. */
  @Test
  void manyTypesOfANameDoNotSlowAnObjectDown() throws Exception {
    BtfBuilder own = new BtfBuilder();
    int number = own.integer("number", 4, true);
    int mine = own.struct("s___mine", 4, "f", number, 0);
    for (int i = 0; i < CROWD; i++) {
      own.struct("s", 4, "f", number, 0);
    }
    ElfBuilder elf = new ElfBuilder();
    long[] slots = new long[CROWD + 1];
    for (int i = 0; i < CROWD; i++) {
      slots[i] = Samples.mov(0, 0);
      own.relocationAt("xdp", 8 * i, mine, "0:0", BYTE_OFFSET);
    }
    slots[CROWD] = Samples.EXIT;
    int code = elf.code("xdp", slots);
    elf.symbol("p", ElfBuilder.GLOBAL | ElfBuilder.FUNC, code, 0, 8L * slots.length);
    elf.section(".BTF", ElfSection.PROGBITS, 0, own.btf());
    elf.section(".BTF.ext", ElfSection.PROGBITS, 0, own.ext());
    BpfObject object = ObjectReader.read("crowd.o", elf.license("GPL").build());
    assertThat(object.program("p").orElseThrow().problem()).isNull();
  }
}
