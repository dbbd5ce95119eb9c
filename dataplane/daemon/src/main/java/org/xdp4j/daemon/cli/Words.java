package org.xdp4j.daemon.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.xdp4j.bpf.isa.Instruction;

/** Instructions and bytes out of a section's code. */
final class Words {
  private Words() {}

  /** The instruction slot at byte {@code at}. */
  static Instruction instruction(byte[] code, int at) {
    return Instruction.decode(ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).getLong(at));
  }

  /** Bytes in hexadecimal, without anything between them. */
  static String hex(byte[] bytes, int from, int length) {
    return HexFormat.of().formatHex(bytes, from, from + length);
  }
}
