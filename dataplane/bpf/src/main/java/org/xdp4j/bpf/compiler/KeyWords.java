package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.map.HashReader;

/** The key of a look-up, of which r2 is the address, as numbers. */
final class KeyWords {
  private final Body body;
  private final CodeBuilder cb;
  private final StackWords.Range range;
  private final boolean local;

  /**
   * @param at the look-up
   */
  KeyWords(Body body, int at) {
    this.body = body;
    this.cb = body.cb;
    this.range = body.words.reads(at, 2);
    this.local = range != null && body.words.isLocal(range.offset(), range.size());
    if (range != null && !local) {
      body.stack.spill(range);
    }
  }

  /** Whether keys of so many bytes are one or two numbers, each had by one load. */
  static boolean isNumbers(int size) {
    return size <= HashReader.NUMBERS && Integer.bitCount(size % Long.BYTES) <= 1;
  }

  /** Pushes 1, 2, 4 or 8 bytes of the key, of which the first is {@code from}, as a long. */
  void push(int from, int bytes) {
    if (local) {
      body.stack.pushBytes(range.offset() + from, bytes);
      return;
    }
    String handle =
        switch (bytes) {
          case 1 -> "BYTE_AT";
          case 2 -> "SHORT_AT";
          case 4 -> "INT_AT";
          default -> "LONG_AT";
        };
    ClassDesc type =
        switch (bytes) {
          case 1 -> ConstantDescs.CD_byte;
          case 2 -> ConstantDescs.CD_short;
          case 4 -> Descs.INT;
          default -> Descs.LONG;
        };
    cb.getstatic(Descs.REGION, handle, ConstantDescs.CD_VarHandle);
    body.pushSegment();
    body.get(2);
    if (from != 0) {
      body.push((long) from);
      cb.ladd();
    }
    cb.invokevirtual(
        ConstantDescs.CD_VarHandle, "get", MethodTypeDesc.of(type, Descs.SEGMENT, Descs.LONG));
    if (bytes < 8) {
      cb.i2l();
      body.push((1L << Byte.SIZE * bytes) - 1);
      cb.land();
    }
  }
}
