package org.xdp4j.bpf.helper;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.testing.Covers;

/** bpf_strtol and bpf_strtoul read what Linux reads, and fail as it fails. */
class NumberHelpersTest {
  private static final String[] TEXTS = {
    "0",
    "7",
    "-7",
    "  42",
    "\t\n\u000b\f\r42",
    "0x1f",
    "0X1F",
    "0x",
    "0xg",
    "08",
    "07",
    "-0x10",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "-1",
    "--1",
    "+1",
    "",
    " ",
    "-",
    "12abc",
    "0777777777777777777777",
    "1777777777777777777777",
    "2000000000000000000000",
    "ffffffffffffffff",
    "FFFFFFFFFFFFFFFFF",
    "0000000000000000000000000000000000000000001",
    "00000000000000000000000000000000000000000000000000000000000000001",
    "\u00a05",
    "1_0",
    "9",
    "99999999999999999999999999999999999999999999999999999999999999999999999999",
    "0b1",
    "- 1"
  };
  private static final int[] BASES = {0, 8, 10, 16, 2, 1, 32, -1, 36};

  private final HelperLab lab = new HelperLab();

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  @Covers({"bpf_strtol", "bpf_strtoul"})
  @Test
  void numbersAreReadAsInLinux() throws MapException {
    int cases = 0;
    for (String text : TEXTS) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      agree("'" + text + "'", bytes);
      cases++;
    }
    Random random = new Random(105);
    String alphabet = "0123456789abcdefxX- \t";
    for (int round = 0; round < 100; round++) {
      byte[] text = new byte[random.nextInt(1, 30)];
      for (int i = 0; i < text.length; i++) {
        text[i] = (byte) alphabet.charAt(random.nextInt(random.nextBoolean() ? 10 : 21));
      }
      agree("round " + round, text);
      cases++;
    }
    System.out.println("bpf_strtol, bpf_strtoul: " + cases * BASES.length * 4 + " calls agree");
  }

  /** Every base, signed and not, once with the NUL and once without it. */
  private void agree(String what, byte[] text) throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("out", MapType.ARRAY, 4, 512, 1, 0));
    Snippet snippet = new Snippet().write(-96, new byte[88]).write(-96, text);
    int at = 0;
    for (int base : BASES) {
      for (int helper : new int[] {105, 106}) {
        int size = Math.max(1, text.length);
        snippet.stack(1, -96).set(2, size).set(3, base).stack(4, -8).writeLong(-8, 77);
        snippet.call(helper).add(0x79, 0, 10, -8, 0).keep(0, 0, at); // r0 = *(u64 *)(r10 - 8)
        at += 8;
        snippet.stack(1, -96).set(2, size + 1).set(3, base).stack(4, -8).call(helper);
      }
    }
    lab.agree(what, snippet, maps, new byte[14]);
  }
}
