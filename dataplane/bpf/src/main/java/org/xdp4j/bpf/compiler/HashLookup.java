package org.xdp4j.bpf.compiler;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.map.BpfMap;

/** Look-ups in hashes by keys of up to 16 bytes. */
final class HashLookup extends MapLookup {
  HashLookup(Body body, ProgramClass owner, BpfMap map) {
    super(body, owner, map);
  }

  static boolean isFor(BpfMap map) {
    return map.hashLayout() != null && KeyWords.isNumbers(map.spec().keySize());
  }

  @Override
  void pushReader() {
    cb.getstatic(Descs.PROGRAM, owner.readerField(map, map.hashLayout()), reader());
  }

  @Override
  ClassDesc reader() {
    return Descs.HASH_LAYOUT;
  }

  @Override
  void find() {
    pushReader();
    pushKey();
    cb.aload(body.locals.context()).getfield(Descs.CONTEXT, "cpu", Descs.INT);
    cb.invokevirtual(
        Descs.HASH_LAYOUT,
        "find",
        isWide()
            ? MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.LONG, Descs.INT)
            : MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.INT));
  }
}
