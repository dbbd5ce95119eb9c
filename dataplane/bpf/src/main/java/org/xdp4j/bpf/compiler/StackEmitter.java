package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** Loads and stores of {@link StackWords} that are local variables. */
final class StackEmitter {
  private static final int WORD = StackWords.WORD;

  private final Body body;
  private final CodeBuilder cb;

  StackEmitter(Body body) {
    this.body = body;
    this.cb = body.cb;
  }

  /** Every word is 0 at first. */
  void clear() {
    for (int number = 0; number < body.words.count(); number++) {
      cb.lconst_0().lstore(body.locals.stackWord(number));
    }
  }

  /** Pushes what a load of {@code r10 + offset} leaves in a register. */
  void load(int offset, int bytes, boolean signed) {
    pushWord(offset);
    if (bytes == WORD) {
      return;
    }
    int shift = Byte.SIZE * (offset - StackWords.word(offset));
    if (shift != 0) {
      body.push(shift);
      cb.lushr();
    }
    if (!signed) {
      body.push(mask(bytes));
      cb.land();
      return;
    }
    cb.l2i();
    switch (bytes) {
      case 1 -> cb.i2b();
      case 2 -> cb.i2s();
      default -> {}
    }
    cb.i2l();
  }

  /** Does a store to {@code r10 + offset}. */
  void store(int offset, Instruction insn) {
    int bytes = MemoryEmitter.bytes(insn);
    int local = body.locals.stackWord(body.words.number(offset));
    if (bytes == WORD) {
      value(insn);
      cb.lstore(local);
      return;
    }
    int shift = Byte.SIZE * (offset - StackWords.word(offset));
    cb.lload(local);
    body.push(~(mask(bytes) << shift));
    cb.land();
    value(insn);
    body.push(mask(bytes));
    cb.land();
    if (shift != 0) {
      body.push(shift);
      cb.lshl();
    }
    cb.lor().lstore(local);
  }

  private void value(Instruction insn) {
    if (insn.instructionClass() == Opcode.ST) {
      body.push((long) insn.imm());
    } else {
      body.get(insn.src());
    }
  }

  /**
   * Pushes up to 8 bytes from {@code r10 + offset} on, all of them in local variables, as a number
   * whose upper bytes are 0.
   */
  void pushBytes(int offset, int bytes) {
    int inside = offset - StackWords.word(offset);
    pushWord(offset);
    if (inside != 0) {
      body.push(Byte.SIZE * inside);
      cb.lushr();
      if (inside + bytes > WORD) {
        pushWord(offset + WORD);
        body.push(Byte.SIZE * (WORD - inside));
        cb.lshl().lor();
      }
    }
    if (bytes < WORD) {
      body.push(mask(bytes));
      cb.land();
    }
  }

  /** Writes the words that a call reads into memory, where they are local variables. */
  void spill(StackWords.Range range) {
    for (int word = StackWords.word(range.offset());
        word < range.offset() + range.size();
        word += WORD) {
      if (body.words.isLocal(word)) {
        cb.getstatic(Descs.REGION, "LONG_AT", ConstantDescs.CD_VarHandle);
        body.pushSegment();
        body.get(10).push((long) word);
        cb.ladd();
        pushWord(word);
        cb.invokevirtual(
            ConstantDescs.CD_VarHandle,
            "set",
            MethodTypeDesc.of(Descs.VOID, Descs.SEGMENT, Descs.LONG, Descs.LONG));
      }
    }
  }

  private void pushWord(int offset) {
    cb.lload(body.locals.stackWord(body.words.number(offset)));
  }

  private static long mask(int bytes) {
    return (1L << Byte.SIZE * bytes) - 1;
  }
}
