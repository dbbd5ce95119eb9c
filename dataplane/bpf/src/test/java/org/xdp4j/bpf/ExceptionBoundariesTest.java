package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.RunConfig;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelRuns;
import org.xdp4j.bpf.oracle.Pinned;

/**
 * An exception ends the program that throws it and no other: not the chain it is a member of, not
 * the program it stands in.
 */
class ExceptionBoundariesTest {
  private static final String SOURCE = "boundaries.bpf.c";
  private static final String[] OPTIONS = {"-O2", "-g", "-mcpu=v3"};
  private static final int FRAMES = 300;
  private static final int DROP = 1;
  private static final int PASS = 2;

  @TempDir Path folder;
  private BpfObject object;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    object = Clang.build(folder, SOURCE, OPTIONS);
  }

  private static LoadOptions options(boolean interpret, String... programs) {
    return new LoadOptions(1, interpret, false, Set.of(programs));
  }

  private static List<byte[]> frames() {
    Random random = new Random(7);
    return IntStream.range(0, FRAMES)
        .mapToObj(
            i -> {
              byte[] frame = new byte[64];
              random.nextBytes(frame);
              return frame;
            })
        .toList();
  }

  private static byte[] frame(int first) {
    byte[] frame = new byte[64];
    frame[0] = (byte) first;
    return frame;
  }

  /** What a run of {@code program} over each frame returns: one after the other, or in batches. */
  private static List<Integer> run(
      XdpProgram program, Region region, List<byte[]> frames, boolean batch) {
    XdpContext context = new XdpContext(region, 0);
    if (!batch) {
      return frames.stream().map(f -> TestRun.run(program, context, f, 1).returnCode()).toList();
    }
    XdpBatch all = new XdpBatch(frames.size());
    all.size = frames.size();
    for (int i = 0; i < all.size; i++) {
      byte[] frame = frames.get(i);
      all.data[i] = region.allocate(frame.length, Long.BYTES);
      region.segment().asSlice(all.data[i], frame.length).asByteBuffer().put(frame);
      all.dataMeta[i] = all.data[i];
      all.dataEnd[i] = all.data[i] + frame.length;
    }
    program.run(all, context);
    return IntStream.of(all.verdict).boxed().toList();
  }

  private static long handled(LoadedObject loaded) {
    BpfMap map = loaded.map(".bss").orElseThrow();
    return ByteBuffer.wrap(map.get(new byte[4])).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private List<Integer> inKernel(String name) {
    return KernelRuns.of(object, Clang.objectFile(folder, SOURCE, OPTIONS), name, frames());
  }

  /** What Linux runs the member for alone, so far as it is there; else what its source says. */
  private List<Integer> alone(String name) throws Exception {
    List<Integer> said = frames().stream().map(frame -> alone(name, frame)).toList();
    if (KernelOracle.available()) {
      List<Integer> kernel = new ArrayList<>();
      Pinned.run(0, () -> kernel.addAll(inKernel(name)));
      assertThat(said).isEqualTo(kernel);
    }
    return said;
  }

  private static int alone(String name, byte[] frame) {
    boolean handles = name.equals("handling");
    int seed = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).getInt();
    seed = handles ? seed >>> 8 : seed;
    int more = handles ? 1 : 0;
    if ((seed & 0xf) == 4) {
      return 2 + more;
    }
    return (seed & 1) != 0 ? (seed & 3) + more : (seed >>> 1 & 3) + (seed >>> 7 & 1);
  }

  @ParameterizedTest
  @CsvSource({
    "throwing, false, false",
    "throwing, false, true",
    "throwing, true, false",
    "handling, false, false",
    "handling, false, true",
    "handling, true, false"
  })
  void aMemberThatThrowsEndsItselfAndNotTheChain(String name, boolean interpret, boolean batch)
      throws Exception {
    List<Integer> alone = alone(name);
    List<Integer> expected = alone.stream().map(code -> code == PASS ? DROP : code).toList();
    LoadOptions options = options(interpret, name, "dropping");
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      List<XdpChain.Member> members =
          List.of(
              new XdpChain.Member(
                  loaded.program(name).orElseThrow(), RunConfig.DEFAULT.override("10,XDP_PASS")),
              new XdpChain.Member(loaded.program("dropping").orElseThrow(), RunConfig.DEFAULT));
      try (XdpChain chain = XdpChain.of(members, region, options)) {
        assertThat(run(chain.program(), region, frames(), batch)).isEqualTo(expected);
        assertThat(chain.runs(0)).isEqualTo(FRAMES);
        assertThat(chain.runs(1)).isEqualTo(alone.stream().filter(code -> code == PASS).count());
        assertThat(chain.runs(1)).isBetween(1L, FRAMES - 1L);
        assertThat(chain.program().faults()).isZero();
        if (name.equals("handling")) {
          assertThat(handled(loaded)).isPositive();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
                         |  203 |  9203 | 0
          thrice         |  209 | 27209 | 0
          raises         | 4003 | 13003 | 0
          handles        | 1103 | 10103 | 200
          thrice raises  | 4009 | 31009 | 0
          handles thrice | 1109 | 28109 | 200
          """)
  void anExtensionThatThrowsReturnsToItsTarget(String names, int even, int odd, int handled)
      throws Exception {
    for (boolean interpret : new boolean[] {false, true}) {
      for (boolean batch : new boolean[] {false, true}) {
        for (boolean chained : new boolean[] {false, true}) {
          List<String> extensions = names == null ? List.of() : List.of(names.split(" "));
          List<Integer> codes = extended(extensions, interpret, batch, chained, handled);
          assertThat(codes).containsExactly(even, odd);
        }
      }
    }
  }

  /** What the target returns over two frames, alone or as what a chain begins with. */
  private List<Integer> extended(
      List<String> names, boolean interpret, boolean batch, boolean chained, int handled)
      throws Exception {
    List<LoadedObject> loaded = new ArrayList<>();
    LoadOptions options = options(interpret, "target", "dropping");
    try (Region region = Region.reserve(1 << 24);
        LoadedObject all = LoadedObject.load(object, region, options)) {
      XdpProgram target = all.program("target").orElseThrow();
      for (String name : names) {
        loaded.add(LoadedObject.load(object, region, options(interpret, name).extend(target)));
        loaded.getLast().extensions().getFirst().attach();
      }
      List<byte[]> frames = List.of(frame(0), frame(1));
      List<Integer> codes;
      if (chained) {
        List<XdpChain.Member> members =
            List.of(
                new XdpChain.Member(target, new RunConfig(10, 0)),
                new XdpChain.Member(all.program("dropping").orElseThrow(), RunConfig.DEFAULT));
        try (XdpChain chain = XdpChain.of(members, region, options)) {
          codes = run(chain.program(), region, frames, batch);
          assertThat(chain.runs(0)).isEqualTo(2);
        }
      } else {
        codes = run(target, region, frames, batch);
        assertThat(target.faults()).isZero();
      }
      assertThat(loaded.stream().filter(o -> o.map(".bss").isPresent()).mapToLong(h -> handled(h)))
          .allMatch(count -> count == handled);
      loaded.forEach(LoadedObject::close);
      return codes;
    }
  }

  /** In Linux, too: "Extension programs cannot attach to exception callback". */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anExceptionCallbackIsNotReplaced(boolean interpret) throws Exception {
    try (Region region = Region.reserve(1 << 24);
        LoadedObject all = LoadedObject.load(object, region, options(interpret, "target"))) {
      XdpProgram target = all.program("target").orElseThrow();
      LoadOptions options = options(interpret, "replaces_handler").extend(target);
      assertThatThrownBy(() -> LoadedObject.load(object, region, options))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining(
              "function careful is the exception callback of program target, which cannot be"
                  + " replaced");
    }
  }
}
