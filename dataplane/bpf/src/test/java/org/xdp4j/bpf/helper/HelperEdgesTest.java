package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.testing.Covers;

/** Generated sequences of calls at the edges of what their arguments may be, beside the kernel. */
class HelperEdgesTest {
  private static final int ROUNDS = Integer.getInteger("xdp4j.edges.rounds", 150);
  private static final int CALLS = 14;

  /** Where dynptrs lie on the stack, and bytes to copy. */
  private static final int PACKET = -16;

  private static final int MEMORY = -32;
  private static final int CLONE = -48;
  private static final int BYTES = -112;

  private static final int[] EDGES = {0, 1, 2, 7, 8, 31, 32, 33, 63, 64, 65, 100, -1, 1 << 24, 13};
  private static final int[] LENGTHS = {0, 1, 2, 4, 8, 16, 32, 33, 64};

  private final HelperLab lab = new HelperLab();
  private int calls;

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private static int pick(Random random, int[] from) {
    return from[random.nextInt(from.length)];
  }

  private static byte[] packet(Random random, int size) {
    byte[] packet = new byte[size];
    random.nextBytes(packet);
    return packet;
  }

  @Covers({
    "bpf_dynptr_from_mem",
    "bpf_dynptr_read",
    "bpf_dynptr_write",
    "bpf_dynptr_data",
    "bpf_dynptr_from_xdp",
    "bpf_dynptr_slice",
    "bpf_dynptr_slice_rdwr",
    "bpf_dynptr_adjust",
    "bpf_dynptr_size",
    "bpf_dynptr_clone",
    "bpf_dynptr_copy",
    "bpf_dynptr_memset",
    "bpf_dynptr_is_null",
    "bpf_dynptr_is_rdonly"
  })
  @Test
  void dynptrsAnswerAsInLinux() throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("memory", MapType.ARRAY, 4, 64, 1, 0));
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(round);
      Snippet s = new Snippet();
      for (int at = BYTES; at < CLONE; at += 8) {
        s.writeLong(at, random.nextInt());
      }
      int flags = random.nextInt(6) == 0 ? 1 : 0;
      s.move(1, 6).set(2, flags).stack(3, PACKET).callKernel("bpf_dynptr_from_xdp").fold(0);
      int size = random.nextBoolean() ? 64 : pick(random, new int[] {0, 1, 32, 63});
      flags = random.nextInt(6) == 0 ? 2 : 0;
      s.mapValue(1, 0, 0).set(2, size).set(3, flags).stack(4, MEMORY).call(197);
      s.stack(1, random.nextBoolean() ? PACKET : MEMORY);
      s.stack(2, CLONE).callKernel("bpf_dynptr_clone").fold(0);
      for (int i = 0; i < CALLS; i++) {
        dynptr(s, random);
      }
      lab.agree("round " + round, s, maps, packet(random, random.nextInt(14, 120)));
    }
    System.out.printf("dynptrs at their edges: %d calls, 0 differences%n", calls);
  }

  private void dynptr(Snippet s, Random random) {
    int dynptr = pick(random, new int[] {PACKET, MEMORY, CLONE});
    int offset = pick(random, EDGES);
    int length = pick(random, LENGTHS);
    calls++;
    switch (random.nextInt(10)) {
      case 0 -> {
        s.stack(1, BYTES).set(2, Math.min(length, 64)).stack(3, dynptr).set(4, offset);
        s.set(5, random.nextInt(8) == 0 ? 1 : 0).call(201);
        s.add(Opcode.LDX | Opcode.MEM | Opcode.DW, 1, 10, BYTES, 0).fold(1);
      }
      case 1 -> {
        s.stack(1, dynptr).set(2, offset).stack(3, BYTES).set(4, Math.min(length, 64));
        s.set(5, random.nextInt(8) == 0 ? 1 : 0).call(202);
        // A write may have moved the packet, so nothing else is done with it here.
      }
      case 2 -> {
        s.stack(1, dynptr).set(2, offset).set(3, 8).callOnly(203);
        s.foldWordAt(0);
      }
      case 3 -> {
        boolean buffer = random.nextBoolean();
        s.stack(1, dynptr).set(2, offset);
        if (buffer) {
          s.stack(3, BYTES);
        } else {
          s.set(3, 0);
        }
        s.set(4, 8).callKernel(random.nextBoolean() ? "bpf_dynptr_slice" : "bpf_dynptr_slice_rdwr");
        s.foldWordAt(0);
      }
      case 4 ->
          s.stack(1, dynptr)
              .set(2, pick(random, EDGES))
              .set(3, offset)
              .callKernel("bpf_dynptr_adjust")
              .fold(0);
      case 5 -> s.stack(1, dynptr).callKernel("bpf_dynptr_size").fold(0);
      case 6 ->
          s.stack(1, dynptr)
              .set(2, offset)
              .set(3, pick(random, EDGES))
              .set(4, random.nextInt(300))
              .callKernel("bpf_dynptr_memset")
              .fold(0);
      case 7 -> {
        int other = pick(random, new int[] {PACKET, MEMORY, CLONE});
        s.stack(1, dynptr).set(2, offset).stack(3, other).set(4, pick(random, EDGES));
        s.set(5, pick(random, LENGTHS)).callKernel("bpf_dynptr_copy").fold(0);
      }
      default -> {
        boolean isNull = random.nextBoolean();
        s.stack(1, dynptr).callKernel(isNull ? "bpf_dynptr_is_null" : "bpf_dynptr_is_rdonly");
        // Of a bool x86 says what its lowest byte is.
        s.add(Opcode.ALU64 | Opcode.AND | Opcode.K, 0, 0, 0, 255).fold(0);
      }
    }
  }

  @Covers({"bpf_snprintf"})
  @Test
  void textsAreFormattedAsInLinux() throws MapException {
    String[] parts = {
      "%d", "%u", "%x", "%X", "%i", "%lld", "%llx", "%llu", "%ld", "%lx", "%hd", "%hhd", "%5d",
      "%-5d|", "%05d", "%+d", "%#x", "%10llu", "%c", "%3c", "%%", "abc", " ", "%s", "%10s", "%.3s",
      "%pI4", "%pi4", "%pI6", "%pi6", "%p", "%pK", "%px", "%q", "%l", "%", "\t", "\u00e9", "%08x",
      "%-08x", "%pM", "%.5d", "%lu", "%llX"
    };
    int accepted = 0;
    for (int round = 0; round < ROUNDS * 2; round++) {
      Random random = new Random(round);
      StringBuilder format = new StringBuilder();
      List<Boolean> addresses = new ArrayList<>();
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        String part = parts[random.nextInt(parts.length)];
        format.append(part);
        if (part.contains("%") && !part.equals("%%")) {
          addresses.add(part.contains("s") || part.contains("p"));
        }
      }
      byte[] text = (format + "\0").getBytes(StandardCharsets.ISO_8859_1);
      int arguments = addresses.size();
      boolean shown = format.toString().replaceAll("%p[iI][46]", "").contains("%p");
      if (shown || !TextHelpers.accepts(Arrays.copyOf(text, text.length - 1), arguments)) {
        continue; // refused while verifying, or an address that differs
      }
      accepted++;
      List<MapSpec> maps = new ArrayList<>();
      maps.add(
          MapSpec.of("string", MapType.ARRAY, 4, text.length, 1, MapSpec.F_RDONLY_PROG)
              .withData(text)
              .withFrozen(true));
      maps.add(MapSpec.of("out", MapType.ARRAY, 4, 64, 1, 0));
      Snippet s = new Snippet();
      for (int i = 0; i < 4; i++) {
        if (i < arguments && addresses.get(i)) { // an address that can be read
          s.stack(1, -64).add(Opcode.STX | Opcode.MEM | Opcode.DW, 10, 1, -32 + 8 * i, 0);
        } else {
          s.setLong(1, random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(-300, 300));
          s.add(Opcode.STX | Opcode.MEM | Opcode.DW, 10, 1, -32 + 8 * i, 0);
        }
      }
      s.write(-64, "some text \0 and more of it.....".getBytes(StandardCharsets.US_ASCII));
      // Of an address for which there is no room any more Linux does not count the text.
      boolean room = format.indexOf("%p") >= 0;
      s.mapValue(1, 1, 0).set(2, room ? 64 : pick(random, new int[] {0, 1, 2, 5, 63, 64}));
      s.mapValue(3, 0, 0).stack(4, -32).set(5, 8 * arguments).call(HelperSpec.SNPRINTF);
      lab.agree("'" + format + "'", s, maps, new byte[64]);
    }
    assertThat(accepted).isPositive();
    System.out.printf("texts: %d formats, 0 differences%n", accepted);
  }
}
