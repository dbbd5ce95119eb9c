package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.util.HashSet;
import java.util.Set;

/**
 * Pushes constants. A class has room for 65,535 constants, which a large program may exceed, so
 * only the first of them go there and the rest are put together by instructions, which the JIT
 * folds.
 */
final class Constants {
  private static final int POOLED = 15_000;

  private final Set<Long> pooled = new HashSet<>();

  void push(CodeBuilder cb, long value) {
    if (value == 0 || value == 1) {
      cb.loadConstant(value);
    } else if (value == (short) value) {
      cb.loadConstant((int) value).i2l();
    } else if (isPooled(value)) {
      cb.loadConstant(value);
    } else {
      pushParts(cb, value);
    }
  }

  void push(CodeBuilder cb, int value) {
    if (value == (short) value || isPooled(value)) {
      cb.loadConstant(value);
    } else {
      // The lower half is added sign-extended; the upper half makes up for it.
      cb.loadConstant((int) (short) (value - (short) value >> 16)).bipush(16).ishl();
      cb.loadConstant((int) (short) value).iadd();
    }
  }

  private boolean isPooled(long value) {
    return pooled.contains(value) || pooled.size() < POOLED && pooled.add(value);
  }

  private static void pushParts(CodeBuilder cb, long value) {
    long rest = value - (short) value;
    if (rest == 0) {
      cb.loadConstant((int) value).i2l();
      return;
    }
    pushParts(cb, rest >> 16);
    cb.bipush(16).lshl();
    cb.loadConstant((int) (short) value).i2l().ladd();
  }
}
