package org.xdp4j.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.config.schema.Problem;
import org.xdp4j.daemon.config.schema.Problems;

/**
 * Mutated files: each is taken or refused with sentences that name line and reason, whatever it
 * says. What is mutated are the files in the tree, as bytes, as words, or as sections and keys;
 * programs are loaded for some of them, as {@code check} does for all. {@code
 * -Dxdp4j.mutations=100000} for the long run.
 */
class ConfigMutationTest {
  private static final int COUNT = Integer.getInteger("xdp4j.mutations", 2000);

  /** Of so many, one is checked with its programs, which takes longer. */
  private static final int CHECKED = 50;

  private static final long SLOWEST = 5_000_000_000L;

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

  @TempDir private Path folder;
  private long slowest;

  @Test
  void noFileEndsInAnythingButSentences() throws Exception {
    List<Path> files = files();
    SplittableRandom random = new SplittableRandom(20_261_128);
    int[] taken = new int[3];
    int[] refused = new int[3];
    long used = 0;
    for (int i = 0; i < COUNT; i++) {
      if (i == COUNT / 2) {
        used = usedMemory();
      }
      Path file = files.get(random.nextInt(files.size()));
      int level = i % 3;
      byte[] bytes =
          switch (level) {
            case 0 -> bytes(Files.readAllBytes(file), random);
            case 1 -> text(Files.readString(file), random).getBytes(StandardCharsets.UTF_8);
            default -> structure(Files.readString(file), random).getBytes(StandardCharsets.UTF_8);
          };
      (takes(i, file, bytes) ? taken : refused)[level]++;
    }
    long growth = usedMemory() - used;
    System.out.printf(
        "%,d mutated configurations of %d files: as bytes %,d taken and %,d refused, as words %,d"
            + " and %,d, as sections %,d and %,d; 0 uncaught exceptions, slowest %d ms, %,d bytes"
            + " more%n",
        COUNT,
        files.size(),
        taken[0],
        refused[0],
        taken[1],
        refused[1],
        taken[2],
        refused[2],
        slowest / 1_000_000,
        growth);
    for (int level = 0; level < 3; level++) {
      assertThat(taken[level]).isPositive();
      assertThat(refused[level]).isPositive();
    }
    assertThat(growth).isLessThan(8 << 20);
    assertThat(slowest).isLessThan(SLOWEST);
  }

  /** Every configuration of the tree; mistakes are good to start from, too. */
  private static List<Path> files() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String folder : List.of("daemon", "lab", "daemon/src/test/resources/config/mistakes")) {
      try (Stream<Path> files = Files.list(ConfigPage.ROOT.resolve("dataplane/" + folder))) {
        files.filter(file -> file.toString().endsWith(".toml")).sorted().forEach(all::add);
      }
    }
    assertThat(all).hasSizeGreaterThan(20).contains(ConfigPage.EXAMPLE);
    return all;
  }

  /**
   * Whether a file with these bytes, where another lies, can be used; what it says is looked at.
   */
  private boolean takes(int number, Path like, byte[] bytes) throws IOException {
    long began = System.nanoTime();
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      if (number % CHECKED == 0) {
        ConfigFile.check(Files.write(folder.resolve("mutated.toml"), bytes));
      } else if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
        ConfigFile.parse(text, like);
      } else {
        ConfigFile.read(Files.write(folder.resolve("mutated.toml"), bytes));
      }
      return true;
    } catch (ConfigException e) {
      assertThat(e.problems()).hasSizeBetween(1, Problems.MAX);
      assertThat(e.getMessage()).hasLineCount(1);
      long lines = text.lines().count();
      for (Problem problem : e.problems()) {
        assertThat(problem.reason()).as(text).isNotBlank();
        assertThat(problem.toString())
            .as(text)
            .hasLineCount(1)
            .doesNotContain("Exception", "java.");
        boolean isOwn = problem.file().endsWith(".toml");
        assertThat(problem.place().line()).as(text).isBetween(1, isOwn ? (int) lines + 1 : 1 << 20);
        assertThat(problem.place().column()).as(text).isPositive();
      }
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError("mutation " + number + " of " + like + ":\n" + text, e);
    } finally {
      slowest = Math.max(slowest, System.nanoTime() - began);
    }
  }

  private static long usedMemory() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static byte[] bytes(byte[] original, SplittableRandom random) {
    byte[] bytes = original.clone();
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        default -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
      }
    }
    return bytes;
  }

  private static String text(String example, SplittableRandom random) {
    StringBuilder text = new StringBuilder(example);
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && text.length() > 2; i++) {
      int at = random.nextInt(text.length());
      int length = Math.min(text.length() - at, 1 + random.nextInt(1 << random.nextInt(7)));
      switch (random.nextInt(4)) {
        case 0 -> text.delete(at, at + length);
        case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 2 -> text.insert(at, text.substring(at, at + length));
        default -> text.setCharAt(at, (char) random.nextInt(32, 127));
      }
    }
    return text.toString();
  }

  /**
   * Sections leave, come twice or elsewhere; keys change their section, their name, their value.
   */
  private static String structure(String example, SplittableRandom random) {
    List<List<String>> sections = new ArrayList<>(List.of(new ArrayList<>()));
    for (String line : example.split("\n")) {
      if (line.startsWith("[")) {
        sections.add(new ArrayList<>());
      }
      sections.getLast().add(line);
    }
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      List<String> one = sections.get(random.nextInt(sections.size()));
      List<String> other = sections.get(random.nextInt(sections.size()));
      switch (random.nextInt(7)) {
        case 0 -> sections.remove(one);
        case 1 -> sections.add(random.nextInt(sections.size() + 1), new ArrayList<>(one));
        case 2 -> Collections.swap(sections, sections.indexOf(one), sections.indexOf(other));
        case 3 -> other.add(line(one, random));
        case 4 -> swapHeads(one, other);
        case 5 -> give(one, other, random, true);
        default -> give(one, other, random, false);
      }
      if (sections.isEmpty()) {
        sections.add(new ArrayList<>(List.of("[port.a]", "type = \"null\"")));
      }
    }
    StringBuilder text = new StringBuilder();
    sections.forEach(section -> section.forEach(line -> text.append(line).append('\n')));
    return text.toString();
  }

  private static String line(List<String> section, SplittableRandom random) {
    return section.isEmpty() ? "" : section.get(random.nextInt(section.size()));
  }

  private static void swapHeads(List<String> one, List<String> other) {
    if (!one.isEmpty() && !other.isEmpty() && one != other) {
      other.set(0, one.set(0, other.getFirst()));
    }
  }

  /** Gives one section's key the value of another's key, or that key's name. */
  private static void give(
      List<String> one, List<String> other, SplittableRandom random, boolean value) {
    String[] from = line(other, random).split("=", 2);
    int at = one.isEmpty() ? -1 : random.nextInt(one.size());
    String[] to = at < 0 ? new String[0] : one.get(at).split("=", 2);
    if (from.length == 2 && to.length == 2) {
      one.set(at, value ? to[0] + "=" + from[1] : from[0] + "=" + to[1]);
    }
  }
}
