package org.xdp4j.bpf.oracle;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.Subprogram;

/** Loads our programs and maps into the running kernel. */
public final class KernelOracle {
  /** No log at all, the fastest. */
  public static final int LOG_NONE = 0;

  /** Log level 1: a refusal's reason and states; 4: statistics only. */
  public static final int LOG_FULL = 1;

  /** Log level 4: statistics only. */
  public static final int LOG_STATISTICS = 4;

  private static final int BPF_PROG_TYPE_XDP = 6;
  private static final int BPF_PROG_TYPE_EXT = 28;
  private static final int LOG_SIZE = 1 << 24;
  private static final int STATISTICS_SIZE = 1 << 16;
  private static final int BTF_LOG_SIZE = 1 << 16;
  private static final boolean AVAILABLE = probe();

  private KernelOracle() {}

  /**
   * What the kernel said of a program.
   *
   * @param program the program, null when it was refused
   * @param error 0 or the negative errno
   * @param log the verifier's log
   */
  public record Verdict(KernelProgram program, int error, String log) {
    /** Whether it was accepted. */
    public boolean accepted() {
      return program != null;
    }

    /** The log's last lines, where the reason stands. */
    public String reason() {
      List<String> lines = log.lines().filter(l -> !l.startsWith("processed ")).toList();
      return lines.isEmpty() ? "errno " + -error : lines.get(lines.size() - 1);
    }
  }

  /** Whether this process may load programs into the kernel. */
  public static boolean available() {
    return AVAILABLE;
  }

  /** Skips the calling test, visibly, where the kernel cannot be asked. */
  public static void assumeAvailable() {
    Assumptions.assumeTrue(AVAILABLE, "bpf(2) is not available: not Linux, or not root");
  }

  /** Closes what {@link KernelMap#tryCreate} opened. */
  public static void close(int fd) {
    BpfSyscall.close(fd);
  }

  /** CPUs the kernel keeps a per-CPU value for. */
  public static int possibleCpus() {
    try {
      String text = Files.readString(Path.of("/sys/devices/system/cpu/possible")).trim();
      String last = text.substring(Math.max(text.lastIndexOf('-'), text.lastIndexOf(',')) + 1);
      return Integer.parseInt(last) + 1;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Creates every map that {@code program} uses; entries of unused ones are null. */
  public static List<KernelMap> createMaps(BpfProgram program, List<MapSpec> specs) {
    return createMaps(program, specs, null);
  }

  /**
   * The same with the object's types, without which maps have none of the special fields that lead
   * to objects.
   *
   * @param types null for none
   */
  public static List<KernelMap> createMaps(
      BpfProgram program, List<MapSpec> specs, KernelTypes types) {
    boolean[] used = new boolean[specs.size()];
    for (Instruction i : program.instructions()) {
      if (i.isWide() && isMapReference(i)) {
        used[i.imm()] = true;
      }
    }
    List<KernelMap> maps = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      maps.add(used[i] ? KernelMap.create(specs.get(i), types) : null);
    }
    return maps;
  }

  /**
   * Loads {@code program} as an XDP program using {@code maps}, indexed as its instructions say.
   */
  public static Verdict load(BpfProgram program, List<KernelMap> maps, int logLevel) {
    return load(program, maps, logLevel, (KernelTypes) null);
  }

  /**
   * The same with types.
   *
   * @param btf what {@link BpfProgram#btf} was read from, or null for none
   */
  public static Verdict load(BpfProgram program, List<KernelMap> maps, int logLevel, byte[] btf) {
    if (btf == null) {
      return load(program, maps, logLevel, (KernelTypes) null);
    }
    try (KernelTypes types = KernelTypes.load(btf)) {
      return load(program, maps, logLevel, types);
    }
  }

  /** The same with types that the kernel has already; null for none. */
  public static Verdict load(
      BpfProgram program, List<KernelMap> maps, int logLevel, KernelTypes types) {
    return load(program, maps, logLevel, types, Target.NONE);
  }

  /** What an extension replaces: a program, and the id of the function in its types. */
  private record Target(int program, int function) {
    static final Target NONE = new Target(0, 0);
  }

  // Values of expected_attach_type (enum bpf_attach_type).
  private static final int BPF_XDP_DEVMAP = 33;
  private static final int BPF_XDP_CPUMAP = 35;

  private static int attachType(ProgramType type) {
    return switch (type) {
      case XDP_DEVMAP -> BPF_XDP_DEVMAP;
      case XDP_CPUMAP -> BPF_XDP_CPUMAP;
      default -> 0;
    };
  }

  /**
   * Loads {@code program} to replace a function of {@code target}.
   *
   * @param function the function's id in the types that {@code target} was loaded with
   */
  public static Verdict loadExtension(
      BpfProgram program, List<KernelMap> maps, byte[] btf, KernelProgram target, int function) {
    try (KernelTypes types = KernelTypes.load(btf)) {
      return load(program, maps, LOG_FULL, types, new Target(target.fd(), function));
    }
  }

  private static Verdict load(
      BpfProgram program, List<KernelMap> maps, int logLevel, KernelTypes types, Target target) {
    List<Instruction> linked = new ArrayList<>();
    for (Instruction i : program.instructions()) {
      boolean reference = i.isWide() && isMapReference(i);
      if (Kfuncs.calledBy(i).isPresent()) {
        linked.add(i.withImm(KernelFunctions.id(Kfuncs.calledBy(i).get().name())));
        continue;
      }
      linked.add(
          reference
              ? i.withSrc(
                      i.src() == Opcode.PSEUDO_MAP_IDX
                          ? Opcode.PSEUDO_MAP_FD
                          : Opcode.PSEUDO_MAP_VALUE)
                  .withImm(maps.get(i.imm()).fd())
              : i);
    }
    String license = program.gplCompatible() ? "GPL" : "Proprietary";
    int btfFd = types == null ? 0 : types.fd();
    int attach = attachType(program.type());
    return load(
        linked, license, logLevel, program.frags(), btfFd, program.subprograms(), target, attach);
  }

  /** Loads raw instructions as an XDP program. */
  public static Verdict load(List<Instruction> program, int logLevel) {
    return load(program, "GPL", logLevel, false, 0, List.of(), Target.NONE, 0);
  }

  /**
   * Gives the kernel types: a file descriptor that the caller must close.
   *
   * @throws IllegalStateException when it refuses them
   */
  public static int loadBtf(byte[] btf) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(btf.length, 8);
      bytes.copyFrom(MemorySegment.ofArray(btf));
      MemorySegment log = arena.allocate(BTF_LOG_SIZE, 8);
      MemorySegment attr = BpfSyscall.attr(arena);
      attr.set(JAVA_LONG, 0, bytes.address());
      attr.set(JAVA_LONG, 8, log.address());
      attr.set(JAVA_INT, 16, btf.length);
      attr.set(JAVA_INT, 20, BTF_LOG_SIZE);
      attr.set(JAVA_INT, 24, LOG_FULL);
      int fd = BpfSyscall.call(arena, BpfSyscall.BTF_LOAD, attr);
      if (fd < 0) {
        throw new IllegalStateException("errno " + -fd + ": " + log.getString(0));
      }
      return fd;
    }
  }

  private static void describe(
      Arena arena, MemorySegment attr, int btfFd, List<Subprogram> functions) {
    MemorySegment records = arena.allocate(8L * functions.size(), 8);
    for (int i = 0; i < functions.size(); i++) {
      records.setAtIndex(JAVA_INT, 2L * i, functions.get(i).start());
      records.setAtIndex(JAVA_INT, 2L * i + 1, functions.get(i).btfFunc());
    }
    attr.set(JAVA_INT, 72, btfFd);
    attr.set(JAVA_INT, 76, 8); // bytes of struct bpf_func_info
    attr.set(JAVA_LONG, 80, records.address());
    attr.set(JAVA_INT, 88, functions.size());
  }

  private static Verdict load(
      List<Instruction> program,
      String license,
      int logLevel,
      boolean frags,
      int btfFd,
      List<Subprogram> functions,
      Target target,
      int attach) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment code = arena.allocate(Math.max(8L, 8L * program.size()), 8);
      for (int i = 0; i < program.size(); i++) {
        code.setAtIndex(JAVA_LONG, i, program.get(i).encode());
      }
      int room = logLevel == LOG_NONE ? 1 : logLevel == LOG_STATISTICS ? STATISTICS_SIZE : LOG_SIZE;
      MemorySegment log = arena.allocate(room, 8);
      MemorySegment attr = BpfSyscall.attr(arena);
      attr.set(JAVA_INT, 0, target == Target.NONE ? BPF_PROG_TYPE_XDP : BPF_PROG_TYPE_EXT);
      attr.set(JAVA_INT, 68, attach);
      attr.set(JAVA_INT, 108, target.function());
      attr.set(JAVA_INT, 112, target.program());
      attr.set(JAVA_INT, 4, program.size());
      attr.set(JAVA_LONG, 8, code.address());
      attr.set(JAVA_LONG, 16, arena.allocateFrom(license).address());
      attr.set(JAVA_INT, 24, logLevel);
      attr.set(JAVA_INT, 28, logLevel == LOG_NONE ? 0 : room);
      attr.set(JAVA_LONG, 32, logLevel == LOG_NONE ? 0 : log.address());
      attr.set(JAVA_INT, 44, frags ? 1 << 5 : 0); // BPF_F_XDP_HAS_FRAGS
      if (btfFd > 0) {
        describe(arena, attr, btfFd, functions);
      }
      int fd = BpfSyscall.call(arena, BpfSyscall.PROG_LOAD, attr);
      log.set(JAVA_BYTE, log.byteSize() - 1, (byte) 0);
      String text = log.getString(0);
      return fd < 0
          ? new Verdict(null, fd, text)
          : new Verdict(new KernelProgram(fd, text), 0, text);
    }
  }

  private static boolean isMapReference(Instruction i) {
    return i.src() == Opcode.PSEUDO_MAP_IDX || i.src() == Opcode.PSEUDO_MAP_IDX_VALUE;
  }

  private static boolean probe() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return false;
    }
    int fd = KernelMap.tryCreate(MapSpec.of("probe", MapType.ARRAY, 4, 4, 1, 0), 0);
    if (fd < 0) {
      return false;
    }
    BpfSyscall.close(fd);
    return true;
  }
}
