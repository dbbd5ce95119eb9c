package org.xdp4j.bpf.object;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.xdp4j.bpf.btf.BtfBuilder;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** Object files to test on: those of the tree, and ones written here. */
final class Samples {
  static final long EXIT = slot(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0);
  static final long CALL = slot(Opcode.JMP | Opcode.CALL, 0, Opcode.PSEUDO_CALL, 0, -1);

  private Samples() {}

  static long slot(int opcode, int dst, int src, int offset, int imm) {
    return new Instruction(opcode, dst, src, offset, imm).encode();
  }

  static long mov(int dst, int imm) {
    return slot(Opcode.ALU64 | Opcode.MOV, dst, 0, 0, imm);
  }

  static long lddw(int dst, int imm) {
    return slot(Opcode.LDDW, dst, 0, 0, imm);
  }

  /** The built filters of the tree. */
  static List<Path> filters() throws IOException {
    Path root = Path.of(System.getProperty("xdp4j.root", "../.."));
    try (Stream<Path> files = Files.list(root.resolve("filters"))) {
      return files.filter(f -> f.toString().endsWith(".bpf.o")).sorted().toList();
    }
  }

  /** An object with one program, {@code r0 = 2; exit}, and nothing else. */
  static ElfBuilder pass() {
    ElfBuilder elf = new ElfBuilder();
    int xdp = elf.code("xdp", mov(0, 2), EXIT);
    elf.symbol("pass", ElfBuilder.GLOBAL | ElfBuilder.FUNC, xdp, 0, 16);
    return elf.license("GPL");
  }

  /**
   * An object with something of everything: two programs, a subprogram, a BTF map, an old map, data
   * of three kinds, lines, functions and CO-RE.
   */
  static ElfBuilder everything() {
    ElfBuilder elf = new ElfBuilder();
    int text = elf.code(".text", mov(0, 1), EXIT);
    int xdp =
        elf.code(
            "xdp",
            lddw(1, 0),
            0,
            lddw(2, 0),
            0,
            lddw(3, 0),
            0,
            lddw(4, 0),
            0,
            CALL,
            mov(5, 4),
            EXIT);
    int devmap = elf.code("xdp.frags/devmap", lddw(1, 0), 0, mov(0, 0), EXIT);
    int maps = elf.data(".maps", new byte[32]);
    int old = elf.data("maps", ElfBuilder.ints(1, 4, 8, 16, 0));
    int data = elf.data(".data", ElfBuilder.ints(7, 8));
    int bss = elf.bss(".bss", 64);
    elf.data(".rodata.str1.1", "hello\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    int function = elf.symbol("twice", ElfBuilder.GLOBAL | ElfBuilder.FUNC, text, 0, 16);
    elf.symbol("first", ElfBuilder.GLOBAL | ElfBuilder.FUNC, xdp, 0, 88);
    elf.symbol("second", ElfBuilder.GLOBAL | ElfBuilder.FUNC, devmap, 0, 32);
    int map = elf.symbol("counters", ElfBuilder.GLOBAL | ElfBuilder.OBJECT, maps, 0, 32);
    int oldMap = elf.symbol("old", ElfBuilder.GLOBAL | ElfBuilder.OBJECT, old, 0, 20);
    int dataSymbol = elf.symbol("", ElfBuilder.LOCAL | ElfBuilder.SECTION, data, 0, 0);
    int zero = elf.symbol("zero", ElfBuilder.GLOBAL | ElfBuilder.OBJECT, bss, 8, 8);
    elf.relocate(xdp, 0, ElfBuilder.R_64_64, map);
    elf.relocate(xdp, 16, ElfBuilder.R_64_64, oldMap);
    elf.relocate(xdp, 32, ElfBuilder.R_64_64, dataSymbol);
    elf.relocate(xdp, 48, ElfBuilder.R_64_64, zero);
    elf.relocate(xdp, 64, ElfBuilder.R_64_32, function);
    elf.relocate(devmap, 0, ElfBuilder.R_64_64, map);
    BtfBuilder btf = types();
    elf.section(".BTF", ElfSection.PROGBITS, 0, btf.btf());
    elf.section(".BTF.ext", ElfSection.PROGBITS, 0, btf.ext());
    return elf.license("Dual BSD/GPL");
  }

  private static BtfBuilder types() {
    BtfBuilder btf = new BtfBuilder();
    int number = btf.integer("int", 4, true);
    int wide = btf.integer("unsigned long", 8, false);
    int value = btf.struct("value", 16, "a", wide, 0, "b", number, 64);
    int definition =
        btf.struct(
            "",
            32,
            "type",
            btf.pointer(btf.array(number, 1)),
            0,
            "max_entries",
            btf.pointer(btf.array(number, 64)),
            64,
            "key",
            btf.pointer(number),
            128,
            "value",
            btf.pointer(value),
            192);
    btf.datasec(".maps", 0, btf.variable("counters", definition, 1), 0, 32);
    btf.datasec(".bss", 0, btf.variable("zero", wide, 1), 0, 8);
    int prototype = btf.prototype(number, "ctx", btf.pointer(0));
    btf.functionAt(".text", 0, btf.function("twice", prototype, 1));
    btf.functionAt("xdp", 0, btf.function("first", prototype, 1));
    btf.functionAt("xdp.frags/devmap", 0, btf.function("second", prototype, 1));
    btf.lineAt("xdp", 0, "a.c", "  first line", 3, 4);
    btf.lineAt("xdp", 64, "a.c", "  return twice(ctx);", 9, 2);
    btf.lineAt(".text", 0, "b.h", "return 1;", 1, 1);
    btf.relocationAt("xdp", 72, number, "0", 9);
    return btf;
  }
}
