package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.BpfTool;
import org.xdp4j.testing.Covers;

/**
 * Interpreter, compiled code and Linux agree on C programs with callbacks and global functions, and
 * on C programs that call kernel functions.
 */
class CallbackRunsTest {
  private static final String[] OPTIONS = {"-O2", "-g", "-mcpu=v3"};

  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private static byte[] frame() {
    byte[] frame = new byte[100];
    for (int i = 0; i < frame.length; i++) {
      frame[i] = (byte) (i * 7 + 1);
    }
    return frame;
  }

  @ParameterizedTest
  @ValueSource(strings = {"callbacks.bpf.c", "kfuncs.bpf.c", "locks.bpf.c"})
  void interpretedAndCompiledRunsAgree(String source) throws Exception {
    BpfObject object = Clang.build(folder, source, OPTIONS);
    List<String> compiled = new ArrayList<>();
    List<String> interpreted = new ArrayList<>();
    for (BpfProgram program : object.programs()) {
      compiled.add(program.name() + " " + run(object, program.name(), false));
      interpreted.add(program.name() + " " + run(object, program.name(), true));
    }
    assertThat(compiled).isEqualTo(interpreted).isNotEmpty();
  }

  @Covers({
    "bpf_iter_num_new",
    "bpf_iter_num_next",
    "bpf_iter_num_destroy",
    "bpf_rcu_read_lock",
    "bpf_rcu_read_unlock",
    "bpf_preempt_disable",
    "bpf_preempt_enable",
    "bpf_local_irq_save",
    "bpf_local_irq_restore"
  })
  @ParameterizedTest
  @ValueSource(strings = {"callbacks.bpf.c", "kfuncs.bpf.c", "locks.bpf.c"})
  void compiledRunsAgreeWithLinux(String source) throws Exception {
    BpfTool.assume();
    BpfObject object = Clang.build(folder, source, OPTIONS);
    Path file = Clang.objectFile(folder, source, OPTIONS);
    List<String> ours = new ArrayList<>();
    List<String> theirs = new ArrayList<>();
    for (BpfProgram program : object.programs()) {
      ours.add(program.name() + " " + run(object, program.name(), false));
      theirs.add(program.name() + " " + linux(file, program.name()));
    }
    assertThat(ours).isEqualTo(theirs);
  }

  private static int run(BpfObject object, String program, boolean interpret) throws Exception {
    LoadOptions options = new LoadOptions(2, interpret, false, Set.of(program));
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options)) {
      XdpProgram loadedProgram = loaded.program(program).orElseThrow();
      XdpContext context = new XdpContext(region, 0);
      int result = TestRun.run(loadedProgram, context, frame(), 1).returnCode();
      assertThat(loadedProgram.faults()).as(program).isZero();
      return result;
    }
  }

  /** Fresh maps for each program, as {@link #run} has them. */
  private int linux(Path file, String program) throws IOException, InterruptedException {
    Path input = Files.write(folder.resolve("frame"), frame());
    try (BpfTool.Loaded loaded = BpfTool.load(file)) {
      String text = loaded.run(program, input);
      Matcher matcher = Pattern.compile("\"retval\": *(\\d+)").matcher(text);
      assertThat(matcher.find()).as(text).isTrue();
      return (int) Long.parseLong(matcher.group(1));
    }
  }
}
