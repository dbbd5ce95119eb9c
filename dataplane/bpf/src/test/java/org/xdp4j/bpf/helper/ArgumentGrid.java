package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.context.Routing;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;

/**
 * One program that takes the arguments of its calls from a map and keeps what they return in
 * another, run with many arguments by the kernel, the interpreter and the compiler: the same
 * results, the same verdict and the same packet afterwards.
 *
 * <pre>
 *   0 arguments, 64 bits each
 *  64 memory that calls may be given
 * </pre>
 */
final class ArgumentGrid implements AutoCloseable {
  static final int MEMORY = 64;
  private static final int SIZE = 192;
  private static final int ARGUMENTS = 8;
  private static final int RESULTS = 9;
  private static final byte[] ZERO = new byte[4];
  private static final int SHOWN = 12;

  private final Region region = Region.reserve(1 << 23);
  private final List<LoadedObject> ours = new ArrayList<>();
  private final List<KernelMap> kernelMaps;
  private final KernelProgram kernel;
  private final XdpContext context;
  private final String name;
  private final List<String> differences = new ArrayList<>();
  private final ByteBuffer input = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);

  private int compared;
  private int differed;

  /** A body of a program, with {@link #argument} and {@link #result} as it needs them. */
  ArgumentGrid(String name, List<MapSpec> others, Consumer<Snippet> body) throws LoadException {
    this.name = name;
    Snippet snippet = new Snippet();
    snippet.mapValue(ARGUMENTS, 0, 0).mapValue(RESULTS, 1, 0);
    body.accept(snippet);
    BpfProgram program = fragmented(BpfProgram.of(snippet.instructions()));
    List<MapSpec> specs = new ArrayList<>();
    specs.add(MapSpec.of("arguments", MapType.ARRAY, 4, SIZE, 1, 0));
    specs.add(MapSpec.of("results", MapType.ARRAY, 4, SIZE, 1, 0));
    specs.addAll(others);
    for (boolean interpret : new boolean[] {true, false}) {
      BpfObject object = new BpfObject(name, List.of(program), specs, Btf.EMPTY, "GPL");
      LoadOptions options = new LoadOptions(1, interpret, false, Set.of());
      ours.add(LoadedObject.load(object, region, options));
    }
    context = new XdpContext(region, 0);
    kernelMaps = KernelOracle.createMaps(program, specs);
    KernelOracle.Verdict verdict = KernelOracle.load(program, kernelMaps, KernelOracle.LOG_FULL);
    assertThat(verdict.accepted()).as("%s: %s", name, verdict.log()).isTrue();
    kernel = verdict.program();
  }

  private static BpfProgram fragmented(BpfProgram p) {
    return new BpfProgram(
        p.name(),
        "xdp.frags",
        p.type(),
        true,
        p.instructions(),
        p.subprograms(),
        p.lines(),
        true,
        null);
  }

  /** Loads argument {@code index} into a register. */
  static Snippet argument(Snippet s, int register, int index) {
    return s.add(Opcode.LDX | Opcode.MEM | Opcode.DW, register, ARGUMENTS, 8 * index, 0);
  }

  /** The address of the memory behind the arguments, with {@code offset}. */
  static Snippet memory(Snippet s, int register, int offset) {
    s.move(register, ARGUMENTS);
    return s.add(Opcode.ALU64 | Opcode.ADD | Opcode.K, register, 0, 0, MEMORY + offset);
  }

  /** The address of what is kept of result {@code index}. */
  static Snippet resultAddress(Snippet s, int register, int index) {
    s.move(register, RESULTS);
    return s.add(Opcode.ALU64 | Opcode.ADD | Opcode.K, register, 0, 0, 8 * index);
  }

  /** Keeps a register as result {@code index}. */
  static Snippet result(Snippet s, int register, int index) {
    return s.add(Opcode.STX | Opcode.MEM | Opcode.DW, RESULTS, register, 8 * index, 0);
  }

  /** The map of this name, in the interpreter's run and in the compiled one. */
  List<BpfMap> ours(String map) {
    return ours.stream().map(object -> object.map(map).orElseThrow()).toList();
  }

  KernelMap kernel(String map) {
    return kernelMaps.stream()
        .filter(m -> m != null && m.spec().name().equals(map))
        .findFirst()
        .orElseThrow();
  }

  ArgumentGrid routing(Routing routing) {
    context.routing = routing;
    return this;
  }

  /** Fills the memory that calls may be given. */
  ArgumentGrid memory(byte[] bytes) {
    input.put(MEMORY, bytes);
    return this;
  }

  /** Compares one run. */
  void run(byte[] packet, int linear, long... arguments) {
    for (int i = 0; i < arguments.length; i++) {
      input.putLong(8 * i, arguments[i]);
    }
    byte[] empty = new byte[SIZE];
    KernelMap results = kernel("results");
    kernel("arguments").update(ZERO, input.array(), 0);
    results.update(ZERO, empty, 0);
    KernelProgram.Run theirs = kernel.run(packet, 1, linear == TestRun.MAX_FRAME ? 0 : linear);
    assertThat(theirs.error()).as(name).isZero();
    byte[] wanted = results.lookup(ZERO);
    for (LoadedObject object : ours) {
      BpfMap kept = object.map("results").orElseThrow();
      object.map("arguments").orElseThrow().put(ZERO, input.array(), BpfMap.ANY);
      kept.put(ZERO, empty, BpfMap.ANY);
      XdpProgram program = object.programs().getFirst();
      TestRun.Result result = TestRun.run(program, context, packet, 1, linear);
      compared++;
      byte[] got = kept.get(ZERO);
      if (result.returnCode() != theirs.returnCode()
          || !Arrays.equals(got, wanted)
          || !Arrays.equals(result.data(), theirs.data())
          || program.faults() != 0) {
        differ(packet, linear, arguments, words(got), words(wanted), object == ours.getFirst());
      }
    }
  }

  private void differ(
      byte[] packet, int linear, long[] arguments, String got, String wanted, boolean interpreted) {
    differed++;
    if (differences.size() < SHOWN) {
      differences.add(
          "%s %s of %d bytes, first %d, arguments %s: ours %s, Linux's %s"
              .formatted(
                  name,
                  interpreted ? "interpreted" : "compiled",
                  packet.length,
                  linear,
                  Arrays.toString(arguments),
                  got,
                  wanted));
    }
  }

  private static String words(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      text.append(i == 0 ? "" : " ").append(buffer.getLong(8 * i));
    }
    return text.toString();
  }

  /** Says how many runs were compared, and fails when any differed. */
  void check() {
    System.out.printf("%s: %d runs over a grid, %d differences%n", name, compared, differed);
    assertThat(compared).isPositive();
    assertThat(differences).as("%d of %d runs", differed, compared).isEmpty();
  }

  @Override
  public void close() {
    kernel.close();
    kernelMaps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
    ours.forEach(LoadedObject::close);
    region.close();
  }
}
