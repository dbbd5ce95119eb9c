package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.ObjectReader;

/** What the README shows of Java is this code, and it runs. */
class ReadmeExampleTest {
  private static final Path ROOT = Path.of(System.getProperty("xdp4j.root"));

  /** Where the example reads a file by its name in the repository. */
  private static final class InRoot {
    static BpfObject read(String file) throws Exception {
      return ObjectReader.read(ROOT.resolve(file));
    }
  }

  private static void example(byte[] frame, PrintStream out) throws Exception {
    BpfObject object = InRoot.read("filters/perf_sampler.bpf.o");
    LoadOptions options = LoadOptions.defaults().withMaxEntries("events", 1);
    try (Region region = Region.reserve(64 << 20);
        LoadedObject loaded = LoadedObject.load(object, region, options);
        PerfBuffer events =
            PerfBuffer.open(
                loaded.map("events").orElseThrow(),
                1, // CPU, and so one context below
                8, // pages of buffer each
                (cpu, data) -> out.println("CPU " + cpu + " says " + data.length + " bytes"),
                (cpu, count) -> out.println("CPU " + cpu + " lost " + count))) {
      XdpProgram program = loaded.program("perf_sampler").orElseThrow();
      XdpContext context = new XdpContext(region, 0);
      TestRun.Result result = TestRun.run(program, context, frame, 1);
      out.println(result.action());
      events.poll(Duration.ofMillis(100));
    }
  }

  @Test
  void theExampleSaysWhatTheProgramSaid() throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    example(new byte[100], new PrintStream(said, true));
    assertThat(said.toString().lines()).containsExactly("PASS", "CPU 0 says 80 bytes");
  }

  @Test
  void theReadmeShowsThisExample() throws Exception {
    List<String> own = Files.readAllLines(source());
    String readme = Files.readString(ROOT.resolve("README.md"));
    String shown = readme.substring(readme.indexOf("```java\n") + 8);
    shown = shown.substring(0, shown.indexOf("```"));
    int begin =
        own.indexOf(
            "  private static void example(byte[] frame, PrintStream out) throws Exception {");
    int end = own.subList(begin, own.size()).indexOf("  }") + begin;
    String code = String.join("\n", own.subList(begin + 1, end)).replaceAll("(?m)^ {4}", "") + "\n";
    assertThat(
            code.replace("InRoot.read(\"", "ObjectReader.read(Path.of(\"")
                .replace(".o\");", ".o\"));"))
        .isEqualTo(shown);
  }

  private static Path source() {
    return ROOT.resolve("dataplane/bpf/src/test/java/org/xdp4j/bpf/ReadmeExampleTest.java");
  }
}
