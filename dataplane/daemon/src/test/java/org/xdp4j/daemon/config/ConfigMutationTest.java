package org.xdp4j.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.xdp4j.daemon.config.schema.Problems;

/**
 * Mutated files: each is taken or refused with sentences, whatever it says. {@code
 * -Dxdp4j.mutations=100000} for the long run.
 */
class ConfigMutationTest {
  private static final int COUNT = Integer.getInteger("xdp4j.mutations", 2000);
  private static final List<String> PIECES =
      List.of(
          "[",
          "]",
          "[[",
          "]]",
          "{",
          "}",
          "\"",
          "'",
          "=",
          ",",
          ".",
          "\n",
          "#",
          "\"\"\"",
          "-1",
          "1e400",
          "9223372036854775807",
          "0x7f",
          "true",
          "1979-05-27",
          "nan",
          "\\u0000",
          "\u0000",
          "\ud83d\ude00",
          "[port.x]\n",
          "[[route]]\n",
          "type = \"tap\"\n",
          "mtu = 0\n",
          "0.0.0.0/0",
          "::/0",
          "fe80::1%1",
          "256.1.1.1",
          "port",
          "on = [[]]\n",
          "a.b.c = 1\n",
          "@/dev/null",
          "\"64 GiB\"",
          "inf");

  @Test
  void noFileEndsInAnythingButSentences() throws Exception {
    String example = Files.readString(ConfigPage.EXAMPLE);
    SplittableRandom random = new SplittableRandom(20_261_128);
    int taken = 0;
    long used = 0;
    for (int i = 0; i < COUNT; i++) {
      if (i == COUNT / 2) {
        used = usedMemory();
      }
      String text = mutate(example, random);
      try {
        ConfigFile.parse(text, ConfigPage.EXAMPLE);
        taken++;
      } catch (ConfigException e) {
        assertThat(e.problems()).hasSizeBetween(1, Problems.MAX);
        assertThat(e.problems().toString()).doesNotContain("Exception");
        assertThat(e.getMessage()).hasLineCount(1);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("mutation " + i + ":\n" + text, e);
      }
    }
    long growth = usedMemory() - used;
    System.out.printf(
        "%,d mutated configurations: %,d taken, %,d refused, 0 uncaught exceptions; %,d bytes"
            + " more%n",
        COUNT, taken, COUNT - taken, growth);
    assertThat(taken).isBetween(1, COUNT - 1);
    assertThat(growth).isLessThan(8 << 20);
  }

  private static long usedMemory() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static String mutate(String example, SplittableRandom random) {
    StringBuilder text = new StringBuilder(example);
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && text.length() > 2; i++) {
      int at = random.nextInt(text.length());
      int length = Math.min(text.length() - at, 1 + random.nextInt(1 << random.nextInt(7)));
      switch (random.nextInt(5)) {
        case 0 -> text.delete(at, at + length);
        case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 2 -> text.insert(at, text.substring(at, at + length));
        case 3 -> text.setCharAt(at, (char) random.nextInt(32, 127));
        default -> swapLines(text, random);
      }
    }
    return text.toString();
  }

  private static void swapLines(StringBuilder text, SplittableRandom random) {
    String[] lines = text.toString().split("\n");
    int a = random.nextInt(lines.length);
    int b = random.nextInt(lines.length);
    String line = lines[a];
    lines[a] = lines[b];
    lines[b] = line;
    text.setLength(0);
    text.append(String.join("\n", lines));
  }
}
