package org.xdp4j.bpf.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.btf.BtfBuilder;
import org.xdp4j.bpf.btf.BtfPrinter;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;

/** Programs are found and linked. */
class ObjectLinkTest {
  private static final int GLOBAL_FUNC = ElfBuilder.GLOBAL | ElfBuilder.FUNC;
  private static final int LOCAL_FUNC = ElfBuilder.LOCAL | ElfBuilder.FUNC;
  private static final int EXTERN = ElfBuilder.GLOBAL | ElfBuilder.NOTYPE;
  private static final int WEAK_EXTERN = ElfBuilder.WEAK | ElfBuilder.NOTYPE;

  private static BpfObject read(ElfBuilder elf) throws ObjectException {
    return ObjectReader.read("test.o", elf.build());
  }

  private static Instruction at(BpfProgram program, int slot) {
    return program.instructions().get(slot);
  }

  @ParameterizedTest
  @CsvSource({
    "xdp, XDP, false",
    "?xdp, XDP, false",
    "xdp.frags, XDP, true",
    "xdp/anything, XDP, false",
    "xdp.frags/anything, XDP, true",
    "xdp_prog, XDP, false",
    "xdp_filter_func, XDP, false",
    "xdp1, XDP, false",
    "xdp/devmap, XDP_DEVMAP, false",
    "xdp.frags/devmap, XDP_DEVMAP, true",
    "xdp_devmap/egress, XDP_DEVMAP, false",
    "xdp/cpumap, XDP_CPUMAP, false",
    "xdp.frags/cpumap, XDP_CPUMAP, true",
    "prog, OTHER, false",
    "tc, OTHER, false",
    "classifier/ingress, OTHER, false",
  })
  void theSectionSaysWhatAProgramIs(String section, ProgramType type, boolean frags)
      throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int code = elf.code(section, Samples.mov(0, 2), Samples.EXIT);
    elf.symbol("p", GLOBAL_FUNC, code, 0, 16);
    BpfProgram program = read(elf).program("p").orElseThrow();
    assertThat(program.type()).isEqualTo(type);
    assertThat(program.frags()).isEqualTo(frags);
    assertThat(program.section()).isEqualTo(section);
    assertThat(program.problem()).isNull();
  }

  @Test
  void aSectionMayHoldSeveralPrograms() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int code = elf.code("xdp", Samples.mov(0, 1), Samples.EXIT, Samples.mov(0, 2), Samples.EXIT);
    int other = elf.code("xdp/b", Samples.mov(0, 3), Samples.EXIT);
    elf.symbol("second", GLOBAL_FUNC, code, 16, 16);
    elf.symbol("third", GLOBAL_FUNC, other, 0, 16);
    elf.symbol("first", GLOBAL_FUNC, code, 0, 16);
    List<BpfProgram> programs = read(elf).programs();
    assertThat(programs).extracting(BpfProgram::name).containsExactly("first", "second", "third");
    assertThat(programs).extracting(p -> at(p, 0).imm()).containsExactly(1, 2, 3);
    assertThat(programs).allSatisfy(p -> assertThat(p.instructions()).hasSize(2));
  }

  @Test
  void codeWithoutTypedSymbolsIsFoundByItsGlobalLabels() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int code = elf.code("xdp", Samples.mov(0, 1), Samples.EXIT, Samples.mov(0, 2), Samples.EXIT);
    elf.symbol("LBB0_1", ElfBuilder.LOCAL | ElfBuilder.NOTYPE, code, 8, 0);
    elf.symbol("one", EXTERN, code, 0, 0);
    elf.symbol("two", EXTERN, code, 16, 0);
    assertThat(read(elf).programs())
        .extracting(p -> p.name() + p.instructions().size())
        .containsExactly("one2", "two2");
  }

  @Test
  void codeWithoutAnySymbolIsNamedByItsSection() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    elf.code("xdp_raw", Samples.mov(0, 1), Samples.EXIT);
    assertThat(read(elf).programs()).extracting(BpfProgram::name).containsExactly("xdp_raw");
  }

  @Test
  void theLoneFunctionOfTextIsAProgram() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int text = elf.code(".text", Samples.mov(0, 1), Samples.EXIT);
    elf.symbol("entry", GLOBAL_FUNC, text, 0, 16);
    assertThat(read(elf).programs()).extracting(BpfProgram::name).containsExactly("entry");
  }

  @Test
  void subprogramsStandBehindTheProgramInTheOrderTheyAreMet() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    // a calls b by the section's symbol, as clang does for static functions
    int text =
        elf.code(
            ".text",
            Samples.mov(0, 9),
            Samples.EXIT,
            Samples.slot(Opcode.JMP | Opcode.CALL, 0, Opcode.PSEUDO_CALL, 0, 1),
            Samples.EXIT,
            Samples.mov(0, 7),
            Samples.EXIT);
    int xdp = elf.code("xdp", Samples.CALL, Samples.CALL, Samples.EXIT);
    int textSymbol = elf.symbol("", ElfBuilder.LOCAL | ElfBuilder.SECTION, text, 0, 0);
    elf.symbol("c", LOCAL_FUNC, text, 0, 16);
    int a = elf.symbol("a", GLOBAL_FUNC, text, 16, 16);
    elf.symbol("b", LOCAL_FUNC, text, 32, 16);
    elf.symbol("main", GLOBAL_FUNC, xdp, 0, 24);
    elf.relocate(xdp, 0, ElfBuilder.R_64_32, a);
    elf.relocate(xdp, 8, ElfBuilder.R_64_32, textSymbol);
    BpfProgram program = read(elf).programs().getFirst();
    assertThat(program.problem()).isNull();
    assertThat(program.subprograms())
        .containsExactly(
            new Subprogram("main", 0, 3, false, 0),
            new Subprogram("a", 3, 5, false, 0),
            new Subprogram("b", 5, 7, false, 0),
            new Subprogram("c", 7, 9, false, 0));
    assertThat(at(program, 0).imm()).isEqualTo(2);
    assertThat(at(program, 1).imm()).isEqualTo(5);
    assertThat(at(program, 3).imm()).isEqualTo(1);
  }

  @Test
  void aStaticFunctionOfTheProgramsOwnSectionIsASubprogram() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int xdp =
        elf.code(
            "xdp",
            Samples.mov(0, 7),
            Samples.EXIT,
            Samples.slot(Opcode.JMP | Opcode.CALL, 0, Opcode.PSEUDO_CALL, 0, -3),
            Samples.EXIT);
    elf.symbol("helper", LOCAL_FUNC, xdp, 0, 16);
    elf.symbol("main", GLOBAL_FUNC, xdp, 16, 16);
    BpfObject object = read(elf);
    assertThat(object.programs()).hasSize(1);
    BpfProgram program = object.programs().getFirst();
    assertThat(program.subprograms())
        .extracting(Subprogram::name)
        .containsExactly("main", "helper");
    assertThat(at(program, 0).imm()).isEqualTo(1);
  }

  @Test
  void sectionsOfOneFunctionEachHoldSubprograms() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int text = elf.code(".text.twice", Samples.mov(0, 7), Samples.EXIT);
    int xdp = elf.code("xdp", Samples.CALL, Samples.EXIT);
    int twice = elf.symbol("twice", GLOBAL_FUNC, text, 0, 16);
    elf.symbol("main", GLOBAL_FUNC, xdp, 0, 16);
    elf.relocate(xdp, 0, ElfBuilder.R_64_32, twice);
    BpfObject object = read(elf);
    assertThat(object.programs()).extracting(BpfProgram::name).containsExactly("main");
    assertThat(object.programs().getFirst().subprograms()).hasSize(2);
  }

  @Test
  void functionsThatCallEachOtherAreLinkedOnce() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int text = elf.code(".text", Samples.CALL, Samples.EXIT);
    int xdp = elf.code("xdp", Samples.CALL, Samples.EXIT);
    int a = elf.symbol("a", GLOBAL_FUNC, text, 0, 16);
    int main = elf.symbol("main", GLOBAL_FUNC, xdp, 0, 16);
    elf.relocate(text, 0, ElfBuilder.R_64_32, main);
    elf.relocate(xdp, 0, ElfBuilder.R_64_32, a);
    BpfProgram program = read(elf).programs().getFirst();
    assertThat(program.instructions()).hasSize(4);
    assertThat(at(program, 2).imm()).isEqualTo(-3);
  }

  @Test
  void theAddressOfAFunctionIsRelative() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int text = elf.code(".text", Samples.mov(0, 0), Samples.EXIT, Samples.mov(0, 1), Samples.EXIT);
    int xdp = elf.code("xdp", Samples.mov(1, 1), Samples.lddw(2, 16), 0, Samples.EXIT);
    int section = elf.symbol("", ElfBuilder.LOCAL | ElfBuilder.SECTION, text, 0, 0);
    elf.symbol("unused", LOCAL_FUNC, text, 0, 16);
    elf.symbol("callback", LOCAL_FUNC, text, 16, 16);
    elf.symbol("main", GLOBAL_FUNC, xdp, 0, 32);
    elf.relocate(xdp, 8, ElfBuilder.R_64_64, section);
    BpfProgram program = read(elf).programs().getFirst();
    assertThat(program.problem()).isNull();
    assertThat(at(program, 1).src()).isEqualTo(Opcode.PSEUDO_FUNC);
    assertThat(at(program, 1).imm()).isEqualTo(4 - 1 - 1);
    assertThat(at(program, 2)).isEqualTo(new Instruction(0, 0, 0, 0, 0));
  }

  @Test
  void mapsAndVariablesBecomeIndexes() throws ObjectException {
    BpfObject object = read(Samples.everything());
    assertThat(object.maps())
        .extracting(MapSpec::name)
        .containsExactly("counters", "old", ".data", ".bss", ".rodata.str1.1");
    BpfProgram program = object.program("first").orElseThrow();
    assertThat(program.problem()).isNull();
    assertThat(at(program, 0)).isEqualTo(lddw(1, Opcode.PSEUDO_MAP_IDX, 0));
    assertThat(at(program, 2)).isEqualTo(lddw(2, Opcode.PSEUDO_MAP_IDX, 1));
    assertThat(at(program, 4)).isEqualTo(lddw(3, Opcode.PSEUDO_MAP_IDX_VALUE, 2));
    assertThat(at(program, 6)).isEqualTo(lddw(4, Opcode.PSEUDO_MAP_IDX_VALUE, 3));
    assertThat(at(program, 7).imm()).isEqualTo(8);
    assertThat(object.license()).isEqualTo("Dual BSD/GPL");
    assertThat(program.gplCompatible()).isTrue();
  }

  /** As gas writes it, which clang does not: libbpf looks at the symbol alone. */
  @Test
  void aMapsSymbolSaysWhichWhateverTheInstructionAdds() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int code = elf.code("xdp", lddw(1, 0, 20).encode(), 0, Samples.EXIT);
    elf.symbol("p", GLOBAL_FUNC, code, 0, 24);
    int maps = elf.data("maps", new byte[40]);
    elf.symbol("one", ElfBuilder.GLOBAL | ElfBuilder.OBJECT, maps, 0, 20);
    int two = elf.symbol("two", ElfBuilder.GLOBAL | ElfBuilder.OBJECT, maps, 20, 20);
    elf.relocate(code, 0, ElfBuilder.R_64_64, two);
    BpfObject object = read(elf);
    BpfProgram program = object.program("p").orElseThrow();
    assertThat(program.problem()).isNull();
    assertThat(object.maps().get(at(program, 0).imm()).name()).isEqualTo("two");
  }

  private static Instruction lddw(int register, int source, int imm) {
    return new Instruction(Opcode.LDDW, register, source, 0, imm);
  }

  @Test
  void linesAndFunctionsMoveWithTheirCode() throws ObjectException {
    BpfProgram program = read(Samples.everything()).program("first").orElseThrow();
    assertThat(program.lines())
        .containsExactly(
            new LineInfo(0, "a.c", 3, 4, "first line", 2),
            new LineInfo(8, "a.c", 9, 2, "return twice(ctx);", 2),
            new LineInfo(11, "b.h", 1, 1, "return 1;"));
    assertThat(program.lineOf(12).location()).isEqualTo("b.h:1");
    assertThat(program.subprograms().get(1).global()).isTrue();
    assertThat(program.subprograms().get(1).btfFunc()).isPositive();
  }

  @Test
  void troubleInOneProgramLeavesTheOthersAlone() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int bad = elf.code("xdp", Samples.CALL, Samples.EXIT);
    int good = elf.code("xdp/good", Samples.mov(0, 2), Samples.EXIT);
    int missing = elf.symbol("missing", EXTERN, 0, 0, 0);
    elf.symbol("bad", GLOBAL_FUNC, bad, 0, 16);
    elf.symbol("good", GLOBAL_FUNC, good, 0, 16);
    elf.relocate(bad, 0, ElfBuilder.R_64_32, missing);
    BpfObject object = read(elf);
    assertThat(object.program("good").orElseThrow().problem()).isNull();
    assertThat(object.program("bad").orElseThrow().problem())
        .isEqualTo("section xdp, offset 0x0: 'missing' is not defined by this object");
  }

  @Test
  void badRelocationsAreTheProblemOfTheirProgram() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int other = elf.data("other", new byte[8]);
    int xdp = elf.code("xdp", Samples.lddw(1, 0), 0, Samples.CALL, Samples.mov(0, 0), Samples.EXIT);
    int symbol = elf.symbol("thing", ElfBuilder.GLOBAL | ElfBuilder.OBJECT, other, 0, 8);
    elf.symbol("neither", GLOBAL_FUNC, xdp, 0, 16);
    elf.symbol("noFunction", GLOBAL_FUNC, xdp, 16, 8);
    elf.symbol("noTarget", GLOBAL_FUNC, xdp, 24, 16);
    elf.relocate(xdp, 0, ElfBuilder.R_64_64, symbol);
    elf.relocate(xdp, 16, ElfBuilder.R_64_32, symbol);
    elf.relocate(xdp, 24, ElfBuilder.R_64_64, symbol);
    BpfObject object = read(elf);
    assertThat(object.program("neither").orElseThrow().problem())
        .isEqualTo("section xdp, offset 0x0: 'thing' is neither a map, a variable nor a function");
    assertThat(object.program("noFunction").orElseThrow().problem())
        .isEqualTo("section xdp, offset 0x10: 'thing' is called and is no function");
    assertThat(object.program("noTarget").orElseThrow().problem())
        .startsWith("section xdp, offset 0x18: instruction 0xb7 takes no relocation");
  }

  @Test
  void anUnrelocatedMapReferenceIsAProblem() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int xdp =
        elf.code("xdp", Samples.slot(Opcode.LDDW, 1, Opcode.PSEUDO_MAP_FD, 0, 3), 0, Samples.EXIT);
    elf.symbol("p", GLOBAL_FUNC, xdp, 0, 24);
    assertThat(read(elf).programs().getFirst().problem())
        .isEqualTo("section xdp, offset 0x0: an LDDW of a map or function without a relocation");
  }

  @Test
  void weakExternsAreNothingAndStrongOnesAProblem() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int xdp =
        elf.code(
            "xdp",
            Samples.lddw(1, 0),
            0,
            Samples.CALL,
            Samples.EXIT,
            Samples.lddw(1, 0),
            0,
            Samples.EXIT,
            Samples.lddw(1, 0),
            0,
            Samples.EXIT);
    int weak = elf.symbol("weak_ksym", WEAK_EXTERN, 0, 0, 0);
    int strong = elf.symbol("strong_ksym", EXTERN, 0, 0, 0);
    int config = elf.symbol("CONFIG_LOCALVERSION", EXTERN, 0, 0, 0);
    elf.symbol("uses_weak", GLOBAL_FUNC, xdp, 0, 32);
    elf.symbol("uses_strong", GLOBAL_FUNC, xdp, 32, 24);
    elf.symbol("uses_config", GLOBAL_FUNC, xdp, 56, 24);
    elf.relocate(xdp, 0, ElfBuilder.R_64_64, weak);
    elf.relocate(xdp, 16, ElfBuilder.R_64_32, weak);
    elf.relocate(xdp, 32, ElfBuilder.R_64_64, strong);
    elf.relocate(xdp, 56, ElfBuilder.R_64_64, config);
    BtfBuilder btf = new BtfBuilder();
    int number = btf.integer("int", 4, true);
    btf.datasec(".ksyms", 0, btf.variable("strong_ksym", number, 2), 0, 4);
    btf.datasec(".kconfig", 0, btf.variable("CONFIG_LOCALVERSION", number, 2), 0, 4);
    elf.section(".BTF", ElfSection.PROGBITS, 0, btf.btf());
    BpfObject object = read(elf);
    BpfProgram program = object.program("uses_weak").orElseThrow();
    assertThat(program.problem()).isNull();
    assertThat(at(program, 0)).isEqualTo(lddw(1, 0, 0));
    assertThat(at(program, 2).src()).isZero();
    assertThat(at(program, 2).imm()).isEqualTo(2_002_000_000);
    assertThat(object.program("uses_strong").orElseThrow().problem())
        .isEqualTo(
            "section xdp, offset 0x20: kernel symbol 'strong_ksym' does not exist here; declare it"
                + " __weak");
    assertThat(object.program("uses_config").orElseThrow().problem())
        .isEqualTo(
            "section xdp, offset 0x38: kernel configuration 'CONFIG_LOCALVERSION' is not known"
                + " here; declare it __weak");
  }

  @Test
  void theKernelVersionIsThatOfTheKernelFollowed() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int xdp = elf.code("xdp", Samples.lddw(1, 0), 0, Samples.EXIT);
    int version = elf.symbol("LINUX_KERNEL_VERSION", EXTERN, 0, 0, 0);
    elf.symbol("p", GLOBAL_FUNC, xdp, 0, 24);
    elf.relocate(xdp, 0, ElfBuilder.R_64_64, version);
    BtfBuilder btf = new BtfBuilder();
    int number = btf.integer("int", 4, true);
    int wide = btf.integer("long", 8, true);
    btf.datasec(
        ".kconfig",
        0,
        btf.variable("LINUX_KERNEL_VERSION", number, 2),
        0,
        4,
        btf.variable("CONFIG_WEAK", wide, 2),
        0,
        8);
    elf.section(".BTF", ElfSection.PROGBITS, 0, btf.btf());
    BpfObject object = read(elf);
    BpfProgram program = object.programs().getFirst();
    assertThat(program.problem()).isNull();
    assertThat(at(program, 0)).isEqualTo(lddw(1, Opcode.PSEUDO_MAP_IDX_VALUE, 0));
    assertThat(at(program, 1).imm()).isEqualTo(8);
    MapSpec config = object.maps().getFirst();
    assertThat(config.name()).isEqualTo(".kconfig");
    assertThat(config.data()).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 18, 6, 0);
    assertThat(config.frozen()).isTrue();
    assertThat(BtfPrinter.text(object.btf(), config.valueBtf(), config.data()))
        .isEqualTo("{\"CONFIG_WEAK\": 0, \"LINUX_KERNEL_VERSION\": 397824}");
  }

  @Test
  void configurationOfThePartsFollowedIsKnown() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int xdp = elf.code("xdp", Samples.lddw(1, 0), 0, Samples.EXIT);
    int hz = elf.symbol("CONFIG_HZ", EXTERN, 0, 0, 0);
    elf.symbol("p", GLOBAL_FUNC, xdp, 0, 24);
    elf.relocate(xdp, 0, ElfBuilder.R_64_64, hz);
    BtfBuilder btf = new BtfBuilder();
    int number = btf.integer("unsigned int", 4, false);
    int truth = btf.integer("_Bool", 1, false);
    int letter = btf.integer("char", 1, true);
    btf.datasec(
        ".kconfig",
        0,
        btf.variable("CONFIG_HZ", number, 2),
        0,
        4,
        btf.variable("CONFIG_BPF_SYSCALL", truth, 2),
        0,
        1,
        btf.variable("CONFIG_NET", letter, 2),
        0,
        1,
        btf.variable("CONFIG_MODULES", truth, 2),
        0,
        1);
    elf.section(".BTF", ElfSection.PROGBITS, 0, btf.btf());
    BpfObject object = read(elf);
    assertThat(object.programs().getFirst().problem()).isNull();
    assertThat(object.maps().getFirst().data()).containsExactly(250 - 256, 0, 0, 0, 1, 0, 'y');
  }

  private static BpfObject withConfiguration(Kconfig kconfig, String option, boolean used)
      throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int xdp = elf.code("xdp", Samples.lddw(1, 0), 0, Samples.EXIT);
    elf.symbol("p", GLOBAL_FUNC, xdp, 0, 24);
    if (used) {
      elf.relocate(xdp, 0, ElfBuilder.R_64_64, elf.symbol(option, EXTERN, 0, 0, 0));
    }
    BtfBuilder btf = new BtfBuilder();
    int number = btf.integer("unsigned int", 4, false);
    int small = btf.integer("short", 2, true);
    int letter = btf.integer("char", 1, true);
    int name = btf.array(letter, 6);
    btf.datasec(
        ".kconfig",
        0,
        btf.variable("CONFIG_HZ", number, 2),
        0,
        4,
        btf.variable("CONFIG_SMALL", small, 2),
        0,
        2,
        btf.variable("CONFIG_LETTER", letter, 2),
        0,
        1,
        btf.variable("CONFIG_NAME", name, 2),
        0,
        6);
    elf.section(".BTF", ElfSection.PROGBITS, 0, btf.btf());
    return ObjectReader.read("test.o", elf.build(), kconfig);
  }

  @Test
  void configurationIsWhatSomebodySetsFirst() throws ObjectException {
    Kconfig set =
        Kconfig.of(
            """
            # CONFIG_OTHER is not set
            CONFIG_HZ=0x3e8
            CONFIG_SMALL=-2
            CONFIG_NAME="much too long"
            CONFIG_LETTER=m
            """);
    byte[] data = withConfiguration(set, "CONFIG_HZ", true).maps().getFirst().data();
    assertThat(data).containsExactly(0xe8 - 256, 3, 0, 0, -2, -1, 'm', 'm', 'u', 'c', 'h', ' ', 0);
    assertThatThrownBy(() -> Kconfig.of("CONFIG_HZ=1\nCONFIG_X="))
        .hasMessage("line 2: 'CONFIG_X=' is not CONFIG_NAME=VALUE");
  }

  @ParameterizedTest
  @CsvSource({
    "CONFIG_HZ, y, 'a variable of bool, char or enum libbpf_tristate'",
    "CONFIG_HZ, 4294967296, a larger integer",
    "CONFIG_SMALL, 32768, a larger integer",
    "CONFIG_SMALL, \"text\", an array of char",
    "CONFIG_NAME, 7, an integer"
  })
  void aValueThatDoesNotFitItsVariableIsTheProblemOfItsUsers(
      String option, String value, String needed) throws ObjectException {
    Kconfig set = Kconfig.of(option + "=" + value);
    assertThat(withConfiguration(set, option, true).programs().getFirst().problem())
        .isEqualTo(
            "section xdp, offset 0x0: kernel configuration '%s' is set to %s, which needs %s"
                .formatted(option, value, needed));
    assertThat(withConfiguration(set, option, false).programs().getFirst().problem()).isNull();
  }

  @Test
  void copiesOfSharedFunctionsAreLimited() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    long[] many = new long[4096];
    java.util.Arrays.fill(many, Samples.EXIT);
    int text = elf.code(".text", many);
    int shared = elf.symbol("shared", GLOBAL_FUNC, text, 0, 8L * many.length);
    long[] calls = new long[1000];
    java.util.Arrays.fill(calls, Samples.CALL);
    int xdp = elf.code("xdp", calls);
    for (int i = 0; i < calls.length; i++) {
      elf.symbol("p" + i, GLOBAL_FUNC, xdp, 8L * i, 8);
      elf.relocate(xdp, 8L * i, ElfBuilder.R_64_32, shared);
    }
    List<BpfProgram> programs = read(elf).programs();
    assertThat(programs.getFirst().problem()).isNull();
    assertThat(programs.getLast().problem()).contains("too long when all they call is added");
  }

  @Test
  void licencesAreWhatTheKernelTakesForGpl() throws ObjectException {
    for (String gpl : List.of("GPL", "GPL v2", "Dual MIT/GPL", "Dual MPL/GPL")) {
      assertThat(License.isGplCompatible(gpl)).as(gpl).isTrue();
    }
    for (String other : List.of("", "gpl", "GPLv2", "Apache-2.0", "Proprietary")) {
      assertThat(License.isGplCompatible(other)).as(other).isFalse();
    }
    assertThat(read(new ElfBuilder()).license()).isEmpty();
  }
}
