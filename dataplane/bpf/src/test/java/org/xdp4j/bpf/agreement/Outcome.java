package org.xdp4j.bpf.agreement;

import java.util.HexFormat;

/**
 * What is compared of one run.
 *
 * @param returnCode r0
 * @param packet the packet afterwards, in hex
 */
public record Outcome(int returnCode, String packet) {
  static Outcome of(int returnCode, byte[] packet) {
    return new Outcome(returnCode, HexFormat.of().formatHex(packet));
  }
}
