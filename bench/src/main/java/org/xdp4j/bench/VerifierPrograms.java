package org.xdp4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.Subprogram;

/**
 * Programs that are work to verify, one a way in which they can be: each makes the kernel follow
 * about 64,000 instructions.
 */
final class VerifierPrograms {
  private static final List<MapSpec> MAPS =
      List.of(MapSpec.of("flows", MapType.HASH, 8, 64, 1024, 0));

  private static final String PACKET =
      """
      r6 = r1
      r7 = *(u32 *)(r6 + 0)
      r8 = *(u32 *)(r6 + 4)
      """;

  private static final String OUT =
      """
      out:
      r0 = 2
      exit
      """;

  private VerifierPrograms() {}

  /** A program to verify, with the maps its instructions index. */
  record Sample(String name, BpfProgram program, List<MapSpec> maps) {}

  /** All of them, the filters of the tree last. */
  static List<Sample> all(Path root) throws IOException, ObjectException {
    List<Sample> samples = new ArrayList<>();
    samples.add(sample("counted loop", countedLoop(9_100)));
    samples.add(sample("nested loops", nestedLoops(100, 80)));
    samples.add(sample("packet options", packetOptions(2_500)));
    samples.add(sample("packet checks", packetChecks(3_900)));
    samples.add(sample("branches that meet", branchesThatMeet(2_000)));
    samples.add(sample("branches that do not", branchesThatDoNot(12)));
    samples.add(sample("stack", stack(900)));
    samples.add(sample("calls", calls(1_400)));
    samples.add(sample("lookups", lookups(900)));
    samples.addAll(filters(root.resolve("filters")));
    return samples;
  }

  /** A loop without a bound, that both give up on. */
  static Sample endless() {
    return sample(
        "1,000,000, refused",
        """
        r0 = 0
        again:
        r0 += 1
        if r0 != 77777777 goto again
        exit
        """);
  }

  private static Sample sample(String name, String text) {
    return new Sample(name, BpfProgram.of(Assembler.assemble(text)), MAPS);
  }

  private static String countedLoop(int turns) {
    return """
    r0 = 0
    r1 = 0
    again:
    r2 = r1
    r2 <<= 3
    r2 &= 255
    r0 += r2
    r0 &= 65535
    r1 += 1
    if r1 < %d goto again
    r0 = 2
    exit
    """
        .formatted(turns);
  }

  private static String nestedLoops(int outer, int inner) {
    return (PACKET
            + """
            r1 = r7
            r1 += 256
            if r1 > r8 goto out
            r9 = 0
            r0 = 0
            outer:
            r5 = 0
            inner:
            r1 = r7
            r1 += r5
            r2 = *(u8 *)(r1 + 0)
            r0 ^= r2
            r5 += 1
            if r0 == 77 goto out
            if r5 < %d goto inner
            r9 += 1
            if r9 < %d goto outer
            """
            + OUT)
        .formatted(inner, outer);
  }

  /** TLV options, each as long as it says: a new packet pointer a turn. */
  private static String packetOptions(int turns) {
    return (PACKET
            + """
            r9 = 0
            next:
            r1 = r7
            r1 += 2
            if r1 > r8 goto out
            r2 = *(u8 *)(r7 + 0)
            if r2 == 0 goto out
            r3 = *(u8 *)(r7 + 1)
            r3 &= 31
            if r2 != 1 goto long
            r3 = 1
            long:
            r3 += r9
            r3 &= 511
            r7 = *(u32 *)(r6 + 0)
            r7 += r3
            r9 += 1
            if r9 < %d goto next
            """
            + OUT)
        .formatted(turns);
  }

  /** A long program of header checks, each of which may drop. */
  private static String packetChecks(int count) {
    StringBuilder text = new StringBuilder(PACKET).append("r9 = 0\n");
    for (int i = 0; i < count; i++) {
      int at = i * 13 % 1400;
      text.append("r7 = *(u32 *)(r6 + 0)\nr8 = *(u32 *)(r6 + 4)\n");
      text.append("r1 = r7\nr1 += %d\nif r1 > r8 goto +10\n".formatted(at + 4));
      text.append("r2 = *(u32 *)(r7 + %d)\nr2 ^= r9\nr2 >>= 5\nr2 &= 4095\n".formatted(at));
      text.append("r3 = *(u16 *)(r7 + %d)\nr3 += r2\nr3 <<= 2\nr9 += r3\n".formatted(at));
      text.append("if r2 == %d goto +1\nr0 = %d\nr0 = 0\n".formatted(i, i));
    }
    return text + "goto out\n" + OUT;
  }

  /** Diamonds behind which everything is as before, so that paths meet. */
  private static String branchesThatMeet(int count) {
    StringBuilder text = new StringBuilder(PACKET);
    text.append("r1 = r7\nr1 += 64\nif r1 > r8 goto far\nr9 = 0\n");
    for (int i = 0; i < count; i++) {
      text.append("r2 = *(u16 *)(r7 + %d)\nr3 = *(u16 *)(r7 + %d)\n".formatted(i % 60, i % 50));
      text.append("if r2 > r3 goto +3\nr9 += r2\nr9 ^= %d\ngoto +3\n".formatted(i));
      text.append("r9 += r3\nr9 &= 4095\nr9 <<= 1\n");
      text.append("*(u64 *)(r10 - %d) = r9\n".formatted(8 + i % 32 * 8));
    }
    return text + "far:\n" + OUT;
  }

  /** Diamonds of which each doubles the number of values, and at the end the value matters. */
  private static String branchesThatDoNot(int count) {
    StringBuilder text = new StringBuilder(PACKET);
    text.append("r1 = r7\nr1 += 5000\nif r1 > r8 goto out\nr9 = 0\n");
    for (int i = 0; i < count; i++) {
      text.append("r2 = *(u8 *)(r7 + %d)\n".formatted(i));
      text.append("if r2 > %d goto +3\nr3 = 1\nr9 += %d\ngoto +2\n".formatted(i, 1 << i));
      text.append("r3 = 2\nr3 = 4\n");
    }
    text.append("r7 += r9\nr0 = *(u8 *)(r7 + 0)\n");
    return text + OUT;
  }

  /** All 64 slots full of numbers and pointers, some changed in each turn of a loop. */
  private static String stack(int turns) {
    StringBuilder text = new StringBuilder(PACKET);
    for (int slot = 1; slot <= 64; slot++) {
      text.append("*(u64 *)(r10 - %d) = r%d\n".formatted(slot * 8, slot % 3 == 0 ? 7 : 10));
    }
    text.append("r9 = 0\nagain:\n");
    for (int slot = 1; slot <= 16; slot++) {
      text.append("r1 = *(u64 *)(r10 - %d)\n".formatted(slot * 8));
      text.append("*(u64 *)(r10 - %d) = r9\n".formatted(slot * 32));
      text.append("r2 = *(u64 *)(r10 - %d)\n".formatted(slot * 32));
      text.append("if r2 > %d goto out\n".formatted(1_000_000 + slot));
    }
    text.append("r9 += 1\nif r9 < %d goto again\n".formatted(turns));
    return text + OUT;
  }

  /** A subprogram called with another number in each turn of a loop, and one it calls. */
  private static String calls(int turns) {
    return """
    r6 = 0
    r7 = 0
    *(u64 *)(r10 - 8) = 0
    again:
    r1 = r6
    r2 = r10
    r2 += -8
    call middle
    r7 ^= r0
    r6 += 1
    if r6 < %d goto again
    r0 = 2
    exit
    middle:
    r6 = r2
    r7 = r1
    call leaf
    r1 = *(u64 *)(r6 + 0)
    r1 += r0
    *(u64 *)(r6 + 0) = r1
    r1 = r7
    r1 += 5
    call leaf
    r7 &= 15
    r0 += r7
    exit
    leaf:
    r0 = r1
    r0 *= 3
    if r0 > 40 goto large
    r0 += 7
    exit
    large:
    r0 >>= 2
    r0 &= 63
    exit
    """
        .formatted(turns);
  }

  /** Lookups of keys from the packet, each checked for NULL and written to. */
  private static String lookups(int count) {
    StringBuilder text = new StringBuilder(PACKET);
    text.append("r1 = r7\nr1 += 64\nif r1 > r8 goto far\nr9 = 0\n");
    for (int i = 0; i < count; i++) {
      text.append("r2 = *(u64 *)(r7 + %d)\n".formatted(i % 56));
      text.append("*(u64 *)(r10 - 16) = r2\nr2 = r10\nr2 += -16\nr1 = map[0] ll\ncall 1\n");
      text.append("if r0 == 0 goto +6\nr1 = *(u64 *)(r0 + %d)\n".formatted(i % 7 * 8));
      text.append("if r1 > %d goto +2\nr9 += 1\ngoto +1\nr9 += 2\n".formatted(i));
      text.append("*(u64 *)(r0 + %d) = r9\n".formatted(i % 8 * 8));
    }
    return text + "far:\n" + OUT;
  }

  private static List<Sample> filters(Path folder) throws IOException, ObjectException {
    List<Sample> samples = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> found = Files.list(folder)) {
      files = found.filter(f -> f.toString().endsWith(".bpf.o")).sorted().toList();
    }
    for (Path file : files) {
      BpfObject object = ObjectReader.read(file);
      for (BpfProgram program : object.programs()) {
        samples.add(new Sample(program.name(), withoutTypes(program), object.maps()));
      }
    }
    return samples;
  }

  /**
   * All functions static: the kernel is told no types, by which it would prove global ones alone.
   */
  private static BpfProgram withoutTypes(BpfProgram program) {
    return new BpfProgram(
        program.name(),
        program.section(),
        program.type(),
        program.frags(),
        program.instructions(),
        program.subprograms().stream()
            .map(s -> new Subprogram(s.name(), s.start(), s.end(), false, 0))
            .toList(),
        program.lines(),
        program.gplCompatible(),
        program.problem());
  }
}
