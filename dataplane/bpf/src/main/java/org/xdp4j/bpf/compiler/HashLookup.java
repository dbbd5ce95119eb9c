package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.HashLayout;
import org.xdp4j.bpf.map.HashReader;

/**
 * Look-ups in hashes by keys of up to 16 bytes, which go there as one or two numbers: from the
 * stack's local variables where the key was built there, so that it never is in memory.
 */
final class HashLookup {
  private final Body body;
  private final ProgramClass owner;
  private final CodeBuilder cb;

  HashLookup(Body body, ProgramClass owner) {
    this.body = body;
    this.owner = owner;
    this.cb = body.cb;
  }

  static boolean isFor(BpfMap map) {
    int size = map.spec().keySize();
    return map.hashLayout() != null && size <= HashReader.NUMBERS && isLoadable(size % 8);
  }

  /** Whether one load gets so many bytes. */
  private static boolean isLoadable(int bytes) {
    return Integer.bitCount(bytes) <= 1;
  }

  /** Leaves the value's address in r0. */
  void emit(int at, BpfMap map) {
    HashLayout layout = map.hashLayout();
    Label missing = cb.newLabel();
    Label done = cb.newLabel();
    int element = body.locals.scratch();
    cb.getstatic(Descs.PROGRAM, owner.readerField(map, layout.reader()), Descs.HASH_READER);
    int size = map.spec().keySize();
    KeyWords key = new KeyWords(body, at);
    key.push(0, Math.min(8, size));
    if (size > 8) {
      key.push(8, size - 8);
    }
    cb.invokevirtual(
        Descs.HASH_READER,
        "find",
        size > 8
            ? MethodTypeDesc.of(Descs.INT, Descs.LONG, Descs.LONG)
            : MethodTypeDesc.of(Descs.INT, Descs.LONG));
    cb.istore(element).iload(element).iflt(missing);
    if (layout.touched()) {
      cb.getstatic(Descs.PROGRAM, owner.mapField(map), Descs.MAP).iload(element);
      cb.invokevirtual(Descs.MAP, "touch", MethodTypeDesc.of(Descs.VOID, Descs.INT));
    }
    cb.iload(element).i2l();
    body.push(layout.stride());
    cb.lmul();
    body.push(layout.values());
    cb.ladd();
    if (layout.cpuStride() != 0) {
      cb.aload(body.locals.context()).getfield(Descs.CONTEXT, "cpu", Descs.INT).i2l();
      body.push(layout.cpuStride());
      cb.lmul().ladd();
    }
    body.enterValue(map.spec().valueSize());
    body.put(0);
    cb.goto_(done);
    cb.labelBinding(missing);
    key.spill();
    body.get(2);
    cb.getstatic(Descs.PROGRAM, owner.mapField(map), Descs.MAP).aload(body.locals.context());
    cb.invokestatic(
        Descs.SUPPORT,
        "missing",
        MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.MAP, Descs.CONTEXT));
    body.pin();
    body.put(0);
    cb.labelBinding(done);
  }
}
