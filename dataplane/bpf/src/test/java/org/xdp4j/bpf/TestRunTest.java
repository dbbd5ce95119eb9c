package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;

class TestRunTest {
  private final Region region = Region.reserve(1 << 20);
  private final XdpContext context = new XdpContext(region, 0);

  @AfterEach
  void close() {
    region.close();
  }

  @Test
  void givesBackWhatTheProgramLeft() throws Exception {
    // bpf_xdp_adjust_head(ctx, -16), as net/bpf/test_run.c has 256 bytes of headroom
    XdpProgram program = load("r2 = -0x10\ncall 0x2c\nr0 = 0x3\nexit\n");
    TestRun.Result result = TestRun.run(program, context, frame(64), 1);
    assertThat(result.action()).isEqualTo(XdpAction.TX);
    assertThat(result.data()).hasSize(80);
    assertThat(Arrays.copyOfRange(result.data(), 16, 80)).isEqualTo(frame(64));
  }

  @Test
  void saysInterfaceOneAsTheKernelDoes() throws Exception {
    XdpProgram program = load("r0 = *(u32 *)(r1 + 0xc)\nexit\n");
    assertThat(TestRun.run(program, context, frame(64), 1).returnCode()).isEqualTo(1);
  }

  @Test
  void runsBesideTheLoopbackInterfaceAlone() throws Exception {
    // bpf_check_mtu(ctx, r2, &mtu, 0, 0) and the MTU of 65,536 bytes, or the error
    String check =
        """
        *(u32 *)(r10 - 4) = 0
        r3 = r10
        r3 += -4
        r4 = 0
        r5 = 0
        call 163
        if r0 != 0 goto +1
        r0 = *(u32 *)(r10 - 4)
        exit
        """;
    XdpProgram own = load("r2 = 0\n" + check);
    assertThat(TestRun.run(own, context, frame(64), 1).returnCode()).isEqualTo(65_536);
    XdpProgram other = load("r2 = 2\n" + check);
    assertThat(TestRun.run(other, context, frame(64), 1).returnCode()).isEqualTo(-19);
  }

  @Test
  void doesNotResetTheFrameBetweenRepeats() throws Exception {
    XdpProgram program = load("r2 = -0x4\ncall 0x2c\nr0 = 0x2\nexit\n");
    assertThat(TestRun.run(program, context, frame(64), 3).data()).hasSize(76);
  }

  @Test
  void refusesFramesTheKernelRefuses() throws Exception {
    XdpProgram program = load("r0 = 0x2\nexit\n");
    assertThatThrownBy(() -> TestRun.run(program, context, frame(13), 1))
        .hasMessage("a frame has 14 to 73152 bytes, not 13");
    assertThatThrownBy(() -> TestRun.run(program, context, frame(73153), 1))
        .hasMessage("a frame has 14 to 73152 bytes, not 73153");
  }

  private XdpProgram load(String text) throws Exception {
    BpfProgram program = BpfProgram.of(Assembler.assemble(text));
    BpfObject object = new BpfObject("test", List.of(program), List.of(), Btf.EMPTY, "GPL");
    return LoadedObject.load(object, region, new LoadOptions(1, false, false, Set.of()))
        .programs()
        .getFirst();
  }

  private static byte[] frame(int size) {
    byte[] frame = new byte[size];
    for (int i = 0; i < size; i++) {
      frame[i] = (byte) i;
    }
    return frame;
  }
}
