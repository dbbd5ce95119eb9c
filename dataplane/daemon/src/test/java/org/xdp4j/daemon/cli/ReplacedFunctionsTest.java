package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;

/** Programs that replace functions of others (freplace), from the command line. */
class ReplacedFunctionsTest {
  @TempDir private Path folder;
  private String target;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    target = target("whole");
  }

  private String target(String name) throws Exception {
    Path source = Path.of(ReplacedFunctionsTest.class.getResource("replaced.bpf.c").toURI());
    Path object = folder.resolve(name + ".o");
    Clang.build(source, object, "-O2", "-g", "-mcpu=v3", "-DNAME=" + name);
    return object.toString();
  }

  private String replacing(String name, String function, String action) throws Exception {
    Path source = Path.of(ReplacedFunctionsTest.class.getResource("replacing.bpf.c").toURI());
    Path object = folder.resolve(name + ".o");
    Clang.build(
        source,
        object,
        "-O2",
        "-g",
        "-mcpu=v3",
        "-DNAME=" + name,
        "-DFUNCTION=\"" + function + "\"",
        "-DACTION=" + action);
    return object.toString();
  }

  private static Invocation replay(List<String> programs, String... more) {
    List<String> words = new ArrayList<>(List.of("replay"));
    for (String program : programs) {
      words.addAll(List.of("--program", program));
    }
    words.addAll(List.of(more));
    words.add("~/pcaps/dns.pcap");
    return Invocation.of(words.toArray(String[]::new));
  }

  @Test
  void aFunctionIsReplacedByTheProgramWhoseSectionNamesIt() throws Exception {
    String drops = replacing("drops", "two", "XDP_DROP");
    Invocation replaced = replay(List.of(drops, target));
    assertThat(replaced.status()).as(replaced.err()).isZero();
    assertThat(replaced.out())
        .contains("function two of whole is drops of " + drops)
        .containsPattern("XDP_DROP +36")
        .containsPattern("ran\\W+36");
    Invocation json = replay(List.of(target, drops), "--json");
    assertThat(json.out())
        .contains("\"replaced\":[{\"program\":\"whole\",\"function\":\"two\",\"by\":\"drops\"")
        .contains("\"XDP_DROP\":36");
    Invocation both = replay(List.of(target, drops, replacing("sends", "one", "XDP_TX")), "--json");
    assertThat(both.out()).contains("\"XDP_TX\":36");
  }

  @Test
  void anOptionSaysWhichFunctionOfWhichProgram() throws Exception {
    String drops = replacing("drops", "two", "XDP_DROP");
    String other = target("other");
    Invocation several = replay(List.of(target, other, drops));
    assertThat(several.status()).isEqualTo(2);
    assertThat(several.err())
        .contains(
            "drops replaces function two, which several programs have: say of which with"
                + " --attach-to drops=whole:two or --attach-to drops=other:two")
        .hasLineCount(1);
    Invocation said = replay(List.of(target, other, drops), "--attach-to", "drops=other:one");
    assertThat(said.status()).as(said.err()).isZero();
    assertThat(said.out()).contains("chain of 2 programs").contains("function one of other is");
  }

  @Test
  void whatCannotBeIsSaidInOneSentence() throws Exception {
    String drops = replacing("drops", "three", "XDP_DROP");
    Invocation alone = replay(List.of(drops));
    assertThat(alone.status()).isEqualTo(2);
    assertThat(alone.err())
        .contains("drops replaces a function of another program: name that one with --program")
        .hasLineCount(1);
    Invocation nobody = replay(List.of(target, drops));
    assertThat(nobody.status()).isEqualTo(2);
    assertThat(nobody.err())
        .contains("drops replaces function three, which no program that is run has")
        .hasLineCount(1);
    Invocation unknown = replay(List.of(target, drops), "--attach-to", "drops=whole:three");
    assertThat(unknown.status()).isEqualTo(1);
    assertThat(unknown.err()).contains("program whole has no function three").hasLineCount(1);
    Invocation form = replay(List.of(target, drops), "--attach-to", "drops=whole");
    assertThat(form.err()).contains("--attach-to is PROGRAM=TARGET:FUNCTION, not drops=whole");
  }

  @Test
  void verifyJudgesItForTheFunctionItReplaces() throws Exception {
    String drops = replacing("drops", "two", "XDP_DROP");
    Invocation alone = Invocation.of("verify", drops);
    assertThat(alone.status()).isEqualTo(1);
    assertThat(alone.out())
        .contains("not judged")
        .contains("it replaces function two of another program: say of which with --target");
    Invocation together = Invocation.of("verify", target, drops);
    assertThat(together.status()).as(together.out()).isZero();
    assertThat(Invocation.of("verify", "--target", target + ":whole", drops).status()).isZero();
    Invocation missing =
        Invocation.of("verify", "--target", target, replacing("other", "three", "XDP_DROP"));
    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.out()).contains("it replaces function three, which none of these has:");
  }
}
