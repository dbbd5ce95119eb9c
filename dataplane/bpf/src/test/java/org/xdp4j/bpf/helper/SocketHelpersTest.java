package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.NetworkNamespace;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;
import org.xdp4j.testing.Covers;

/**
 * Sockets: programs that look for them are judged as in Linux and find none, as in an empty one.
 */
class SocketHelpersTest {
  private static final int JNE = Opcode.JMP | Opcode.JNE | Opcode.K;
  private static final int EXIT = Opcode.JMP | Opcode.EXIT;
  private static final int[] SIZES = {
    Opcode.LDX | Opcode.MEM | Opcode.B,
    Opcode.LDX | Opcode.MEM | Opcode.H,
    Opcode.LDX | Opcode.MEM | Opcode.W,
    Opcode.LDX | Opcode.MEM | Opcode.DW
  };

  private final HelperLab lab = new HelperLab();

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  /** r8 = what {@code helper} finds for a tuple of zeros; leaves when there is none. */
  private static Snippet found(int helper) {
    return lookup(new Snippet(), helper).add(JNE, 8, 0, 2, 0).set(0, 1).add(EXIT, 0, 0, 0, 0);
  }

  private static Snippet lookup(Snippet s, int helper) {
    s.writeLong(-16, 0).writeLong(-8, 0);
    return s.move(1, 6).stack(2, -16).set(3, 12).set(4, -1).set(5, 0).callOnly(helper).move(8, 0);
  }

  private static Snippet release(Snippet s, int register) {
    return s.move(1, register).callOnly(86);
  }

  @Covers({"bpf_sk_lookup_tcp", "bpf_sk_lookup_udp", "bpf_skc_lookup_tcp"})
  @Test
  void noSocketIsFoundAsInAnEmptyLinux() throws Exception {
    NetworkNamespace.run(
        () -> {
          for (int helper : new int[] {84, 85, 99}) {
            lab.agree(
                "helper " + helper, release(found(helper).set(7, 2), 8), List.of(), new byte[64]);
          }
        });
  }

  @Test
  void fieldsAreReadAsInLinux() throws MapException {
    List<String> differences = new ArrayList<>();
    int programs = 0;
    for (int helper : new int[] {84, 99}) {
      for (int opcode : SIZES) {
        for (int offset = -4; offset < 96; offset++) {
          Snippet s = found(helper).add(opcode, 2, 8, offset, 0);
          compare(
              "helper %d opcode %d offset %d".formatted(helper, opcode, offset),
              release(s, 8),
              differences);
          programs++;
        }
      }
    }
    System.out.println("socket fields: " + programs + " loads agree");
    assertThat(differences).isEmpty();
  }

  @Covers({
    "bpf_sk_release",
    "bpf_skc_to_tcp_sock",
    "bpf_skc_to_tcp6_sock",
    "bpf_skc_to_udp6_sock",
    "bpf_skc_to_tcp_timewait_sock",
    "bpf_skc_to_tcp_request_sock",
    "bpf_skc_to_unix_sock",
    "bpf_skc_to_mptcp_sock",
    "bpf_tcp_check_syncookie",
    "bpf_tcp_gen_syncookie"
  })
  @Test
  void socketsAreGivenBackAsInLinux() throws MapException {
    List<String> differences = new ArrayList<>();
    compare("kept", found(84), differences);
    compare("released", release(found(84), 8), differences);
    compare("released twice", release(release(found(84), 8), 8), differences);
    compare("used after", release(found(84), 8).add(SIZES[2], 2, 8, 4, 0), differences);
    compare("not checked", release(lookup(new Snippet(), 84), 8), differences);
    compare("written", release(found(84).add(0x62, 8, 0, 16, 1), 8), differences);
    compare("moved", release(found(84).add(0x07, 8, 0, 0, 4), 8), differences);
    compare("atomic", release(found(84).set(1, 1).add(0xc3, 8, 1, 16, 0), 8), differences);
    compare("returned", release(found(84), 8).move(7, 8), differences);
    compare(
        "spilled",
        release(found(84).add(0x7b, 10, 8, -24, 0).add(0x79, 9, 10, -24, 0), 9),
        differences);
    for (int cast : new int[] {136, 137, 138, 139, 140, 178, 196}) {
      for (int helper : new int[] {84, 99}) {
        String what = "cast " + cast + " of " + helper;
        compare(what, release(found(helper).move(1, 8).callOnly(cast), 8), differences);
        compare(
            what + ", released as it",
            release(checked(found(helper).move(1, 8).callOnly(cast)), 9),
            differences);
        compare(
            what + ", used after",
            release(checked(found(helper).move(1, 8).callOnly(cast)), 8).add(SIZES[2], 2, 9, 4, 0),
            differences);
        compare(
            what + ", not checked",
            release(found(helper).move(1, 8).callOnly(cast).add(SIZES[2], 2, 0, 4, 0), 8),
            differences);
        compare(
            what + ", read",
            release(checked(found(helper).move(1, 8).callOnly(cast)).add(SIZES[2], 2, 9, 4, 0), 8),
            differences);
      }
    }
    for (int cookie : new int[] {100, 110}) {
      Snippet s = found(84).writeLong(-64, 0).writeLong(-56, 0).writeLong(-48, 0);
      s.move(1, 8).stack(2, -64).set(3, 20).stack(4, -64).set(5, 20).callOnly(cookie);
      compare("cookie " + cookie, release(s, 8), differences);
    }
    assertThat(differences).isEmpty();
  }

  /** r9 = r0; gives r8 back and leaves when it is NULL. */
  private static Snippet checked(Snippet s) {
    s.move(9, 0).add(JNE, 9, 0, 4, 0);
    return release(s, 8).set(0, 1).add(EXIT, 0, 0, 0, 0);
  }

  private static void compare(String what, Snippet snippet, List<String> differences) {
    BpfProgram program = BpfProgram.of(snippet.instructions());
    String ours = null;
    try {
      Verifier.verify(program, List.of());
    } catch (VerifierException e) {
      ours = e.getMessage();
    }
    KernelOracle.Verdict verdict = KernelOracle.load(program, List.of(), KernelOracle.LOG_NONE);
    if (verdict.accepted()) {
      verdict.program().close();
    }
    if (verdict.accepted() != (ours == null)) {
      String theirs =
          verdict.accepted()
              ? "yes"
              : KernelOracle.load(program, List.of(), KernelOracle.LOG_FULL).reason();
      differences.add(what + ": Linux says " + theirs + ", we say " + ours);
    }
  }
}
