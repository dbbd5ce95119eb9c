package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import org.xdp4j.bpf.map.ArrayMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.PerCpuArrayMap;

/**
 * Lookups in arrays, whose values stand side by side from a known address on: {@code index <
 * entries ? base + index * stride : 0} with constants, as the kernel's {@code map_gen_lookup} does.
 */
final class ArrayLookup {
  private final Body body;
  private final CodeBuilder cb;

  ArrayLookup(Body body) {
    this.body = body;
    this.cb = body.cb;
  }

  static boolean isFor(BpfMap map) {
    return map instanceof ArrayMap || map instanceof PerCpuArrayMap;
  }

  /** Leaves the value's address in r0. */
  void emit(int at, BpfMap map) {
    Label missing = cb.newLabel();
    Label done = cb.newLabel();
    int index = body.locals.scratch();
    new KeyWords(body, at).push(0, Integer.BYTES);
    cb.l2i().istore(index).iload(index);
    body.push(Integer.MIN_VALUE);
    cb.iadd();
    body.push(map.spec().maxEntries() + Integer.MIN_VALUE);
    cb.if_icmpge(missing);
    cb.iload(index).i2l();
    switch (map) {
      case ArrayMap array -> {
        body.push(array.stride());
        cb.lmul();
        body.push(array.base());
      }
      case PerCpuArrayMap array -> {
        body.push(array.stride());
        cb.lmul();
        pushCpuBase(array);
      }
      default -> throw new IllegalStateException("no array: " + map.name());
    }
    cb.ladd();
    body.enterValue(map.spec().valueSize());
    body.put(0);
    cb.goto_(done);
    cb.labelBinding(missing);
    cb.lconst_0();
    body.put(0);
    cb.labelBinding(done);
  }

  private void pushCpuBase(PerCpuArrayMap array) {
    body.push(array.base(0));
    if (array.valuesPerKey() > 1) {
      cb.aload(body.locals.context()).getfield(Descs.CONTEXT, "cpu", Descs.INT).i2l();
      body.push(array.base(1) - array.base(0));
      cb.lmul().ladd();
    }
  }
}
