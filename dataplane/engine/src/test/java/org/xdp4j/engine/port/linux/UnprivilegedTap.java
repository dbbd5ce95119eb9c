package org.xdp4j.engine.port.linux;

import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.PortException;
import org.xdp4j.engine.port.PortIdentity;

/** Run by a test in a process without any capability: uses a tap that is there, and makes none. */
public final class UnprivilegedTap {
  private UnprivilegedTap() {}

  /** Opens the tap that is named, receives one frame, then tries to make another tap. */
  public static void main(String[] args) throws Exception {
    PortIdentity identity = new PortIdentity("tap", 1, 0x02_0000_0000_02L, 1500);
    try (Region region = Region.reserve(64 << 20)) {
      FramePool pool = new FramePool(region, 128);
      try (TapPort port = TapPort.open(identity, TapOptions.of(args[0]), region)) {
        System.out.println("opened");
        Frame[] frames = new Frame[1];
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (frames[0] == null && System.nanoTime() < deadline) {
          port.queue(0).receive(pool, frames, 1);
        }
        System.out.println(frames[0] == null ? "nothing" : "received " + frames[0].length());
      }
      try (TapPort made = TapPort.open(identity, TapOptions.of("xtnew"), region)) {
        System.out.println("made " + made);
      } catch (PortException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
