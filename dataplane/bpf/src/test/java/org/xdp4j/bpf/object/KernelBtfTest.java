package org.xdp4j.bpf.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfException;
import org.xdp4j.bpf.btf.KernelBtf;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelTypes;

/**
 * Types of filters with changed words: Linux takes those that we say it takes. Not compared are
 * headers in which a word is set that has to be empty, and what an extern made of a variable.
 */
class KernelBtfTest {
  private static final Pattern HEADER =
      Pattern.compile(
          ".*(Invalid btf_info|vlen != 0|size != 0|kind_flag|Invalid int_data|Invalid name).*");

  private static final int CHANGES = Integer.getInteger("xdp4j.btf", 4000);

  private record Types(ElfFile elf, byte[] section) {
    static Types of(Path file) throws Exception {
      ElfFile elf = ElfReader.read(file.toString(), Files.readAllBytes(file));
      ByteBuffer bytes = elf.section(".BTF").bytes();
      byte[] section = new byte[bytes.remaining()];
      bytes.duplicate().get(section);
      return new Types(elf, section);
    }

    Btf linked(byte[] changed) throws BtfException {
      return DatasecFixer.fix(elf, Btf.parse(ByteBuffer.wrap(changed)));
    }
  }

  private static byte[] changed(byte[] section, SplittableRandom random) {
    ByteBuffer bytes = ByteBuffer.wrap(section.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int types = bytes.getInt(4) + bytes.getInt(8);
    int words = bytes.getInt(12) / 4;
    for (int n = random.nextInt(1, 3); n > 0; n--) {
      int at = types + 4 * random.nextInt(words);
      int old = bytes.getInt(at);
      bytes.putInt(
          at,
          switch (random.nextInt(6)) {
            case 0 -> old + 1;
            case 1 -> Math.max(0, old - 1);
            case 2 -> old ^ 1 << random.nextInt(32);
            case 3 -> random.nextInt(200);
            case 4 -> bytes.getInt(types + 4 * random.nextInt(words));
            default -> 0;
          });
    }
    return bytes.array();
  }

  private static String kernel(byte[] section, Btf linked) {
    try (KernelTypes types = KernelTypes.load(section, linked)) {
      return types.fd() >= 0 ? null : "no types";
    } catch (IllegalStateException refused) {
      String log = refused.getMessage().strip();
      return log.substring(log.lastIndexOf('\n') + 1);
    }
  }

  @Test
  void whatLinuxTakesIsKnown() throws Exception {
    KernelOracle.assumeAvailable();
    Path filters = Path.of(System.getProperty("xdp4j.root"), "filters");
    List<Types> all = new ArrayList<>();
    for (String name : List.of("router", "l4_balancer", "firewall", "syn_limiter")) {
      all.add(Types.of(filters.resolve(name + ".bpf.o")));
    }
    SplittableRandom random = new SplittableRandom(5);
    TreeMap<String, Integer> differences = new TreeMap<>();
    int taken = 0;
    int refused = 0;
    int unread = 0;
    for (int i = 0; i < CHANGES; i++) {
      Types types = all.get(i % all.size());
      byte[] section = changed(types.section, random);
      Btf linked;
      try {
        linked = types.linked(section);
      } catch (BtfException e) {
        unread++;
        continue;
      }
      String ours = KernelBtf.objection(linked);
      String theirs = kernel(section, linked);
      taken += theirs == null ? 1 : 0;
      refused += theirs == null ? 0 : 1;
      boolean headers = ours == null && theirs != null && HEADER.matcher(theirs).matches();
      boolean externs = theirs == null && ours != null && ours.endsWith("only declared here");
      if ((ours == null) != (theirs == null) && !headers && !externs) {
        differences.merge("here: " + ours + "; Linux: " + theirs, 1, Integer::sum);
      }
    }
    System.out.printf(
        "changed types and the kernel: %d taken and %d refused, %d not read; %d not explained %s%n",
        taken, refused, unread, differences.size(), differences);
    assertThat(taken).isGreaterThan(CHANGES / 20);
    assertThat(refused).isGreaterThan(CHANGES / 20);
    assertThat(differences).isEmpty();
  }
}
