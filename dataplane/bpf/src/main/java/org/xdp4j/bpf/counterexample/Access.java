package org.xdp4j.bpf.counterexample;

import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.interpreter.FaultException;
import org.xdp4j.bpf.interpreter.StepListener;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** Notes what one instruction accesses, to say it in terms of the packet. */
final class Access implements StepListener {
  private final Instruction instruction;
  private final XdpContext context;
  private final int index;
  private final boolean isPacket;
  private long address;

  /**
   * Notes instruction {@code index}.
   *
   * @param isPacket whether it was meant to access the packet
   */
  Access(List<Instruction> program, XdpContext context, int index, boolean isPacket) {
    this.instruction = program.get(index);
    this.context = context;
    this.index = index;
    this.isPacket = isPacket && !instruction.isCall();
  }

  @Override
  public void before(int at, long[] registers) {
    if (at == index) {
      boolean load = instruction.instructionClass() == Opcode.LDX;
      address = registers[load ? instruction.src() : instruction.dst()] + instruction.offset();
    }
  }

  /** What it was about to do when it faulted. */
  String words(FaultException fault) {
    long offset = address - context.data;
    if (address == instruction.offset() && !instruction.isCall()) {
      return access() + " at NULL" + (address == 0 ? "" : " + " + address);
    }
    if (!isPacket) {
      String message = fault.getMessage();
      return message
          .substring(message.indexOf("): ") + 3)
          .replaceFirst(" is (in no memory|not allowed) ", ", which is $1 ");
    }
    return access()
        + " at data"
        + (offset < 0 ? " - " : " + ")
        + Math.abs(offset)
        + ", where data_end is data + "
        + (context.dataEnd - context.data);
  }

  private String access() {
    boolean load = instruction.instructionClass() == Opcode.LDX;
    int size = instruction.accessSize();
    return (load ? "load" : "store") + " of " + size + (size == 1 ? " byte" : " bytes");
  }
}
