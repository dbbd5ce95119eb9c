package org.xdp4j.bpf.verifier;

import java.util.List;
import org.xdp4j.bpf.isa.Disassembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;

/** A program as text, for a test's message. */
final class Listing {
  private Listing() {}

  static String of(List<Instruction> code) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < code.size(); i = Instructions.nextIndex(code, i)) {
      Instruction second = code.get(i).isWide() ? code.get(i + 1) : null;
      text.append("%4d: %s%n".formatted(i, Disassembler.text(code.get(i), second)));
    }
    return text.toString();
  }
}
