package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.object.ObjectReader;

class VerbsTest {
  private static final String PASS = "~/filters/pass.bpf.o";
  private static final String FRAME = "ffffffffffff 020000000001 0800";
  private static final List<String> VERIFY_KEYS =
      List.of(
          "object",
          "section",
          "program",
          "verdict",
          "reason",
          "insn",
          "source",
          "processed",
          "cause",
          "function",
          "instruction",
          "registers",
          "path",
          "advice",
          "counterexample",
          "warnings");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "check",
        "reload",
        "replay",
        "verify",
        "test-run",
        "disasm",
        "maps",
        "capture-info",
        "helpers",
        "conformance",
        "show",
        "top",
        "map",
        "program",
        "capture",
        "trace",
        "events"
      })
  void everyVerbHasHelpWithExamplesAndJson(String verb) {
    Invocation help = Invocation.of(verb, "--help");
    assertThat(help.status()).isZero();
    assertThat(help.out()).contains("Usage: xdp4j " + verb, "Examples:", "--json", "--help");
    assertThat(help.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
  }

  /** Objects of the repository, and programs in them, as the examples of helps name them. */
  @ParameterizedTest
  @ValueSource(strings = {"replay", "verify", "test-run", "disasm", "maps", "program", "run"})
  void whatExamplesNameExists(String verb) throws Exception {
    Pattern object = Pattern.compile("(filters/\\w+\\.bpf\\.o)(?::(\\w+))?");
    for (MatchResult named :
        object.matcher(Invocation.of(verb, "--help").out()).results().toList()) {
      Path file = Invocation.ROOT.resolve(named.group(1));
      assertThat(file).isRegularFile();
      if (named.group(2) != null) {
        assertThat(ObjectReader.read(file).program(named.group(2))).as(named.group()).isPresent();
      }
    }
  }

  @Test
  void aFileThatMayNotBeReadIsNamedWithTheReason() throws Exception {
    Path file = Files.copy(Invocation.ROOT.resolve("filters/pass.bpf.o"), directory.resolve("p.o"));
    Files.setPosixFilePermissions(file, Set.of());
    assumeFalse(Files.isReadable(file), "root may read everything");
    Invocation.of("verify", file.toString())
        .refuses(2, file + ": it cannot be read: permission denied");
  }

  @Test
  void aFileWhoseMapsNeedMoreThanTheirLimitIsRefused() throws Exception {
    String text =
        "[limits]\nmap-memory = \"%s\"\n[port.a]\ntype = \"null\"\n[program.fw]\nobject = \"%s\"\n"
            + "ports = [\"a\"]\n";
    Path object = Invocation.ROOT.resolve("filters/firewall.bpf.o");
    Path file = directory.resolve("limits.toml");
    Files.writeString(file, text.formatted("4 KiB", object));
    Invocation refused = Invocation.of("check", file.toString());
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err())
        .contains(file + ":5:1: program.fw: program 'fw': ")
        .containsPattern("map '.*' does not fit: of 4 KiB that maps may take together, .* are left")
        .doesNotContain("Exception");
    Files.writeString(file, text.formatted("1 GiB", object));
    assertThat(Invocation.of("check", file.toString()).status()).isZero();
  }

  private static boolean checks(Path file) {
    return Invocation.of("check", file.toString()).status() == 0;
  }

  @Test
  void programsShareWhatTheirMapsMayTake() throws Exception {
    String text = "[limits]\nmap-memory = \"%s\"\n";
    for (String name : List.of("a", "b")) {
      text +=
          "[port.%s]\ntype = \"null\"\n[program.%s]\nobject = \"%s\"\nports = [\"%s\"]\n"
              .formatted(name, name, Invocation.ROOT.resolve("filters/firewall.bpf.o"), name);
    }
    Path file = directory.resolve("shared.toml");
    int needed = 0; // KiB, to the next 64
    while (!checks(Files.writeString(file, text.replace("%s", needed + " KiB")))) {
      needed += 64;
    }
    assertThat(needed).isGreaterThan(64);
    Files.writeString(file, text.replace("%s", needed - 64 + " KiB"));
    String sentence =
        file + ":10:1: program.b: program 'b': " + Invocation.ROOT.resolve("filters") + ".*";
    for (String verb : List.of("check", "run --until-end --config")) {
      List<String> words = new ArrayList<>(List.of(verb.split(" ")));
      words.add(file.toString());
      Invocation refused = Invocation.of(words.toArray(String[]::new));
      assertThat(refused.err()).containsPattern("(?m)(^|: )" + sentence + " does not fit: of ");
      assertThat(refused.err()).doesNotContain("program 'a'");
    }
  }

  @Test
  void theListOfVerbsSaysOfEachWhatItDoesInWholeSentences() {
    String help = Invocation.of("--help").out();
    String verbs = help.substring(help.indexOf("\n  run"), help.indexOf("\n\nExit status"));
    assertThat(verbs.strip().split("\n  (?=[a-z])"))
        .hasSizeGreaterThan(16)
        .allSatisfy(verb -> assertThat(verb).endsWith("."));
  }

  @Test
  void theVersionNamesTheJvmToo() {
    assertThat(Invocation.of("--version").out())
        .matches("xdp4j .+, Java " + Pattern.quote(System.getProperty("java.version")) + "\n");
  }

  @Test
  void helpersAreListedWithTheirState() {
    assertThat(Invocation.of("helpers").out())
        .contains("bpf_csum_diff(", "built", "answered", "LPM_TRIE", "bpf_snprintf_btf");
    assertThat(Invocation.of("helpers", "csum_d").out().lines()).hasSize(1);
    assertThat(Invocation.of("helpers", "--json", "csum", "sockmap").keys())
        .containsOnly(List.of("group", "number", "name", "signature", "state", "remark"));
    Invocation.of("helpers", "nothing_like_it")
        .refuses(2, "no helper, map type or kernel function has 'nothing_like_it' in its name");
  }

  @Test
  void whatIsNotUnderstoodIsToldInOneSentence() {
    Invocation.of().refuses(2, "a verb is missing (see: xdp4j --help)");
    Invocation.of("disasn")
        .refuses(2, "there is no verb 'disasn', did you mean disasm? (see: xdp4j --help)");
    Invocation.of("maps", "--nothing", PASS)
        .refuses(2, "Unknown option: '--nothing' (see: xdp4j maps --help)");
    Invocation.of("verify")
        .refuses(2, "Missing required parameter: 'OBJ[:NAME]' (see: xdp4j verify --help)");
    Invocation.of("replay", "--programm", PASS, "a.pcap")
        .refuses(
            2, "Unknown option: '--programm', did you mean --program? (see: xdp4j replay --help)");
    Invocation tooMany = Invocation.of("test-run", "--data", FRAME, "--repeat", "many", PASS);
    assertThat(tooMany.status()).isEqualTo(2);
    assertThat(tooMany.err().lines()).hasSize(1);
  }

  @Test
  void verifyAcceptsTheFilters() {
    Invocation verify = Invocation.of("verify", PASS);
    assertThat(verify.status()).isZero();
    assertThat(verify.out())
        .isEqualTo(
            Invocation.ROOT
                + "/filters/pass.bpf.o: pass (section xdp): accepted, 2 instructions followed\n");
  }

  @Test
  void verifyPrintsOneLineOfJsonAProgram() {
    Invocation verify = Invocation.of("verify", "--json", "~/filters/tail_call.bpf.o", PASS);
    assertThat(verify.keys()).hasSize(4).allSatisfy(k -> assertThat(k).isEqualTo(VERIFY_KEYS));
    assertThat(verify.out()).contains("\"verdict\":\"accept\"");
  }

  @Test
  void logKeepsOutOfJson() {
    Invocation verify = Invocation.of("verify", "--json", "--log", PASS);
    assertThat(verify.keys()).containsExactly(VERIFY_KEYS);
    assertThat(verify.err()).contains("0: R1=ctx() R10=fp0", "processed 2 insns");
  }

  @Test
  void verifyGoesOnBehindAFileThatCannotBeRead() {
    Invocation verify = Invocation.of("verify", "--json", "/no/such.o", PASS);
    verify.refuses(2, "/no/such.o: there is no such file");
    assertThat(verify.keys()).hasSize(2).allSatisfy(k -> assertThat(k).isEqualTo(VERIFY_KEYS));
    assertThat(verify.out())
        .contains("\"verdict\":\"error\",\"reason\":\"/no/such.o: there is no such file\"");
  }

  @Test
  void eachProgramIsJudgedByItself() throws Exception {
    Path object =
        compiled(
            """
            #define SEC(name) __attribute__((section(name), used))
            struct xdp_md { unsigned int data, data_end, data_meta, in, queue, out; };
            SEC("xdp") int good(struct xdp_md *c) { return 2; }
            SEC("xdp") int bad(struct xdp_md *c) { return *(char *)(long)c->data; }
            SEC("tc") int other(void *c) { return 0; }
            char _license[] SEC("license") = "GPL";
            """);
    Invocation verify = Invocation.of("verify", "--json", object.toString());
    assertThat(verify.status()).isEqualTo(1);
    List<String> lines = verify.out().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(line(lines, "good")).contains("\"verdict\":\"accept\"", "\"reason\":null");
    assertThat(line(lines, "bad"))
        .contains("\"verdict\":\"reject\"", "\"insn\":")
        .containsPattern("\"source\":\"[^\"]*program.c:4: ");
    assertThat(line(lines, "other")).contains("\"verdict\":\"error\"", "\"section\":\"tc\"");
    Invocation asXdp = Invocation.of("verify", "--json", "--as", "xdp", object.toString());
    assertThat(line(asXdp.out().lines().toList(), "other")).contains("\"verdict\":\"accept\"");
    Invocation run = Invocation.of("test-run", "--json", "--data", FRAME, object.toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.keys())
        .contains(List.of("object", "program", "error"))
        .contains(
            List.of(
                "object", "program", "retval", "action", "dataOut", "sizeOut", "nsPerRun", "maps"));
    Invocation refused = Invocation.of("replay", "-p", object + ":bad", "~/pcaps/http.pcap");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).startsWith("xdp4j: " + object + ": program bad refused: ");
    assertThat(refused.err().lines()).hasSize(1);
  }

  private static String line(List<String> lines, String program) {
    return lines.stream()
        .filter(l -> l.contains("\"program\":\"" + program + "\""))
        .findFirst()
        .orElseThrow();
  }

  private Path compiled(String source) throws Exception {
    Path clang = Path.of("/usr/bin/clang-19");
    assumeTrue(Files.isExecutable(clang), "clang-19 is not installed");
    Path file = Files.writeString(directory.resolve("program.c"), source);
    Path object = directory.resolve("program.o");
    Process process =
        new ProcessBuilder(
                clang.toString(),
                "-O2",
                "-g",
                "-target",
                "bpf",
                "-c",
                file.toString(),
                "-o",
                object.toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return object;
  }

  @Test
  void testRunGivesBackWhatTheProgramReturned() {
    Invocation run = Invocation.of("test-run", "--json", "--data", FRAME, PASS);
    assertThat(run.status()).isZero();
    assertThat(run.keys())
        .containsExactly(
            List.of(
                "object", "program", "retval", "action", "dataOut", "sizeOut", "nsPerRun", "maps"));
    assertThat(run.out())
        .contains(
            "\"retval\":2,\"action\":\"XDP_PASS\",\"dataOut\":\"ffffffffffff0200000000010800\","
                + "\"sizeOut\":14");
  }

  @Test
  void testRunTakesTheFrameFromAFile() throws Exception {
    Path frame = Files.write(directory.resolve("frame"), new byte[60]);
    Invocation run = Invocation.of("test-run", "--data", "@" + frame, "~/filters/drop.bpf.o:drop");
    assertThat(run.out()).contains("returned  1, XDP_DROP", "60 bytes, unchanged");
  }

  @Test
  void testRunWritesWhatProgramsSay() throws Exception {
    Path events = directory.resolve("events");
    String frame = "00".repeat(128);
    String[] words = {
      "test-run",
      "--data",
      frame,
      "--map",
      "one_in=1",
      "--repeat",
      "3",
      "--events",
      events.toString(),
      "--event-type",
      "samples=sample",
      "~/filters/sampler.bpf.o"
    };
    Invocation run = Invocation.of(words);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(Files.readAllLines(events))
        .hasSize(3)
        .allMatch(line -> line.startsWith("{\"event\":\"ringbuf\",\"map\":\"samples\",\"size\":"))
        .allMatch(line -> line.contains("\"value\":{"));
    Invocation.of("test-run", "--data", frame, "--event-type", "samples=sample", PASS)
        .refuses(2, "--event-type has a meaning with --events only");
    Path object = Files.copy(Invocation.ROOT.resolve("filters/pass.bpf.o"), directory.resolve("o"));
    Invocation.of("test-run", "--data", frame, "--events", object.toString(), object.toString())
        .refuses(2, object + ": is the object file to be run, and would be overwritten");
  }

  @Test
  void testRunSaysWhatIsWrongWithTheFrame() {
    Invocation.of("test-run", "--data", "00", PASS)
        .refuses(2, "--data has 1 byte, a frame has 14 to 73152");
    Invocation.of("test-run", "--data", "0", PASS)
        .refuses(2, "--data has 1 hexadecimal digits, which is not whole bytes");
    Invocation.of("test-run", "--data", "frame.bin", PASS)
        .refuses(
            2, "--data has 'r' where a hexadecimal digit is needed (a file is given as @FILE)");
    Invocation.of("test-run", "--data", "@/no/such", PASS)
        .refuses(2, "/no/such cannot be read: there is no such file");
    Invocation.of("test-run", "--data", "@/", PASS)
        .refuses(2, "/: this is a directory, not a file with a frame");
    Invocation.of("test-run", "--data", FRAME, "--repeat", "0", PASS)
        .refuses(2, "--repeat is 1 or more, not 0");
  }

  @Test
  void mapsAreListedWithTypesAndFirstContents() {
    Invocation maps = Invocation.of("maps", "~/filters/firewall.bpf.o");
    assertThat(maps.out())
        .containsPattern("sources_v4 +LPM_TRIE +struct prefix_v4, 8 bytes .*65,536 +NO_PREALLOC")
        .containsPattern("default_action +XDP_DROP");
    assertThat(Invocation.of("maps", "--json", "~/filters/firewall.bpf.o").keys())
        .hasSize(5)
        .allSatisfy(keys -> assertThat(keys).startsWith("object", "map", "type"));
    assertThat(Invocation.of("maps", PASS).out()).endsWith(": there are no maps in it\n");
  }

  @Test
  void instructionsArePrinted() {
    Invocation disasm = Invocation.of("disasm", PASS);
    assertThat(disasm.out()).contains("file format elf64-bpf", "<pass>:", "exit");
    assertThat(Invocation.of("disasm", "--json", PASS).keys())
        .hasSize(2)
        .allSatisfy(
            keys -> assertThat(keys).containsExactly("section", "symbol", "insn", "bytes", "text"));
    Invocation.of("disasm", "/no/such.o").refuses(2, "/no/such.o: there is no such file");
  }

  @Test
  void capturesAreDescribed() {
    Invocation info = Invocation.of("capture-info", "~/pcaps/dns.pcap", "~/pcaps/iperf3.pcap.gz");
    assertThat(info.status()).isZero();
    assertThat(info.out()).containsPattern("frames +36").containsPattern("frames +121");
    assertThat(Invocation.of("capture-info", "--json", "~/pcaps/dns.pcap").keys())
        .hasSize(1)
        .allSatisfy(keys -> assertThat(keys).startsWith("file", "format").endsWith("problem"));
  }

  @Test
  void aRawProgramRunsByTheConformanceProtocol() {
    String program = "71 10 00 00 00 00 00 00 95 00 00 00 00 00 00 00";
    Invocation run = Invocation.of(program, new String[] {"conformance", "2a 00", "--whatever"});
    assertThat(run.status()).isZero();
    assertThat(run.out().strip()).isEqualTo("2a");
    Invocation interpreted =
        Invocation.of(program, new String[] {"conformance", "--interpret", "2a 00"});
    assertThat(interpreted.out().strip()).isEqualTo("2a");
    Invocation json = Invocation.of(program, new String[] {"conformance", "--json", "2a 00"});
    assertThat(json.out()).isEqualTo("{\"r0\":\"0x2a\"}\n");
  }
}
