package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentGrid.argument;
import static org.xdp4j.bpf.helper.ArgumentGrid.memory;
import static org.xdp4j.bpf.helper.ArgumentGrid.result;
import static org.xdp4j.bpf.helper.ArgumentGrid.resultAddress;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.testing.Covers;

/** {@code bpf_xdp_pull_data} over frames, room, lengths and what comes after, beside the kernel. */
class PullGridTest {
  private static final String PULL = "bpf_xdp_pull_data";
  private static final int ADJUST_HEAD = 44;
  private static final int ADJUST_META = 54;
  private static final int ADJUST_TAIL = 65;
  private static final int GET_BUFF_LEN = 188;
  private static final int LOAD_BYTES = 189;
  private static final int STORE_BYTES = 190;
  private static final int COPIED = 40;

  /** Frames: all of their bytes, and those of their first buffer. */
  private static final int[][] FRAMES = {
    {64, TestRun.MAX_FRAME},
    {150, 100},
    {TestRun.MAX_FRAME + 1, TestRun.MAX_FRAME},
    {TestRun.MAX_FRAME + 300, TestRun.MAX_FRAME},
    {30 + 4096, 30},
    {9000, TestRun.MAX_FRAME},
    {9000, 1000},
    {TestRun.MAX_FRAME + 8 * 4096, TestRun.MAX_FRAME}
  };

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  /** What helper comes after the pull, and then another pull. */
  @Covers("bpf_xdp_pull_data")
  @ParameterizedTest
  @ValueSource(ints = {ADJUST_HEAD, ADJUST_META, ADJUST_TAIL, LOAD_BYTES, STORE_BYTES})
  void bytesArePulledOutOfFragmentsAsInLinux(int after) throws Exception {
    try (ArgumentGrid grid =
        new ArgumentGrid("bpf_xdp_pull_data, helper " + after, List.of(), s -> body(s, after))) {
      byte[] written = new byte[COPIED];
      new Random(after).nextBytes(written);
      grid.memory(written);
      for (int[] frame : FRAMES) {
        byte[] packet = new byte[frame[0]];
        new Random(frame[0]).nextBytes(packet);
        for (int head : new int[] {0, 16, -40, -216}) {
          for (int meta : new int[] {0, -32}) {
            pulls(grid, packet, frame[1], after, head, meta);
          }
        }
      }
      grid.check();
    }
  }

  private static void pulls(
      ArgumentGrid grid, byte[] packet, int first, int after, int head, int meta) {
    int linear = Math.min(first, packet.length) - head;
    int most = TestRun.MAX_FRAME + TestRun.HEADROOM - PacketHelpers.XDP_FRAME_SIZE + meta;
    long[] lengths = {
      0, linear, linear + 1, linear + 47, most - 1, most, most + 1, packet.length - head, -1
    };
    for (long length : lengths) {
      for (int by : arguments(after, packet.length - head, linear, (int) length)) {
        for (long again : new long[] {length, length + 100}) {
          grid.run(packet, first, head, meta, length, by, again);
        }
      }
    }
  }

  /** Around where buffers end after a pull of {@code length} bytes. */
  private static int[] arguments(int after, int size, int linear, int length) {
    int end = Math.max(length, linear);
    int page = linear + 4096;
    return switch (after) {
      case ADJUST_HEAD -> new int[] {0, -1, -40, 14, 1000};
      case ADJUST_META -> new int[] {0, -4, -32, 32};
      case ADJUST_TAIL -> {
        int room = 4096 - (size - linear) % 4096;
        yield new int[] {1, 100, room, room + 1, -1, end - size, end - size - 1};
      }
      default -> new int[] {0, end - 1, end - COPIED, end, page - 20, page, size - COPIED, size};
    };
  }

  private static void body(Snippet s, int after) {
    result(argument(s.move(1, 6), 2, 0).callOnly(ADJUST_HEAD), 0, 0);
    result(argument(s.move(1, 6), 2, 1).callOnly(ADJUST_META), 0, 1);
    result(argument(s.move(1, 6), 2, 2).callKernel(PULL), 0, 2);
    bounds(s, 3);
    argument(s.move(1, 6), 2, 3);
    if (after == LOAD_BYTES) {
      resultAddress(s, 3, 12).set(4, COPIED);
    } else if (after == STORE_BYTES) {
      memory(s, 3, 0).set(4, COPIED);
    }
    result(s.callOnly(after), 0, 5);
    result(s.move(1, 6).callOnly(GET_BUFF_LEN), 0, 6);
    result(argument(s.move(1, 6), 2, 4).callKernel(PULL), 0, 7);
    bounds(s, 8);
    result(s.move(1, 6).callOnly(GET_BUFF_LEN), 0, 10);
  }

  /** Keeps the bytes of the first buffer and those of the metadata. */
  private static void bounds(Snippet s, int index) {
    s.add(Opcode.LDX | Opcode.MEM | Opcode.W, 1, 6, 0, 0);
    s.add(Opcode.LDX | Opcode.MEM | Opcode.W, 2, 6, 4, 0);
    s.add(Opcode.LDX | Opcode.MEM | Opcode.W, 3, 6, 8, 0);
    s.add(Opcode.ALU64 | Opcode.SUB | Opcode.X, 2, 1, 0, 0);
    s.add(Opcode.ALU64 | Opcode.SUB | Opcode.X, 1, 3, 0, 0);
    result(result(s, 2, index), 1, index + 1);
  }
}
