package org.xdp4j.bpf.compiler;

import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.LpmPathReader;
import org.xdp4j.bpf.map.LpmTrieMap;

/** Look-ups in LPM maps of keys of up to 16 bytes: the length, and the key as two numbers. */
final class LpmPathLookup extends MapLookup {
  private static final int LENGTH = Integer.BYTES;

  private final int dataSize;

  LpmPathLookup(Body body, ProgramClass owner, BpfMap map) {
    super(body, owner, map);
    dataSize = map.spec().keySize() - LENGTH;
  }

  static boolean isFor(BpfMap map) {
    return map instanceof LpmTrieMap lpm && lpm.pathReader() != null;
  }

  @Override
  void pushReader() {
    LpmPathReader reader = ((LpmTrieMap) map).pathReader();
    cb.getstatic(Descs.PROGRAM, owner.readerField(map, reader), reader());
  }

  @Override
  ClassDesc reader() {
    return Descs.LPM_PATH_READER;
  }

  @Override
  void takeKey(int at) {
    KeyWords key = new KeyWords(body, at);
    low = body.locals.scratch();
    key.push(0, LENGTH);
    cb.lstore(low);
    takeNumber(key, 0, low + 2);
    takeNumber(key, Long.BYTES, low + 4);
  }

  /**
   * Eight bytes of the key, the first of them highest. In fours, as programs store addresses: a
   * load of more than was stored at once waits until the stores have reached the cache.
   */
  private void takeNumber(KeyWords key, int from, int local) {
    body.push(0L);
    int end = Math.min(from + Long.BYTES, dataSize);
    for (int i = from; i < end; ) {
      int bytes = Integer.highestOneBit(Math.min(end - i, Integer.BYTES));
      key.push(LENGTH + i, bytes);
      if (i > from) {
        body.push(Byte.SIZE * (i - from));
        cb.lshl();
      }
      cb.lor();
      i += bytes;
    }
    cb.invokestatic(
        ConstantDescs.CD_Long, "reverseBytes", MethodTypeDesc.of(Descs.LONG, Descs.LONG));
    cb.lstore(local);
  }

  @Override
  void pushKey() {
    cb.lload(low).l2i().lload(low + 2).lload(low + 4);
  }

  @Override
  void pushHint() {
    pushReader();
    cb.lload(low + 2);
    cb.invokevirtual(reader(), "hint", MethodTypeDesc.of(Descs.LONG, Descs.LONG));
  }

  @Override
  void find() {
    pushReader();
    pushKey();
    cb.invokevirtual(
        reader(), "find", MethodTypeDesc.of(Descs.LONG, Descs.INT, Descs.LONG, Descs.LONG));
  }

  @Override
  void found() {
    pushKey();
    cb.getstatic(Descs.PROGRAM, owner.mapField(map), Descs.MAP).aload(body.locals.context());
    cb.invokestatic(
        Descs.SUPPORT,
        "found",
        MethodTypeDesc.of(
            Descs.LONG, Descs.LONG, Descs.INT, Descs.LONG, Descs.LONG, Descs.MAP, Descs.CONTEXT));
  }
}
