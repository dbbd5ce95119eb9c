package org.xdp4j.bpf.compiler;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.LpmReader;
import org.xdp4j.bpf.map.LpmTrieMap;

/** Look-ups of IPv4 addresses in LPM maps: the key goes there as one number. */
final class LpmLookup extends MapLookup {
  LpmLookup(Body body, ProgramClass owner, BpfMap map) {
    super(body, owner, map);
  }

  static boolean isFor(BpfMap map) {
    return map instanceof LpmTrieMap lpm && lpm.reader() != null;
  }

  @Override
  void pushReader() {
    LpmReader reader = ((LpmTrieMap) map).reader();
    cb.getstatic(Descs.PROGRAM, owner.readerField(map, reader), reader());
  }

  @Override
  ClassDesc reader() {
    return Descs.LPM_READER;
  }

  /** Length and address by themselves: the length is a constant for the most part. */
  @Override
  void takeKey(int at) {
    KeyWords key = new KeyWords(body, at);
    low = body.locals.scratch();
    key.push(0, Integer.BYTES);
    cb.l2i().istore(low);
    key.push(Integer.BYTES, Integer.BYTES);
    cb.l2i().istore(low + 1);
  }

  @Override
  void pushKey() {
    cb.iload(low).i2l();
    body.push(0xFFFF_FFFFL);
    cb.land().iload(low + 1).i2l();
    body.cb.bipush(Integer.SIZE).lshl().lor();
  }

  @Override
  void find() {
    pushReader();
    cb.iload(low).iload(low + 1);
    cb.invokevirtual(reader(), "find", MethodTypeDesc.of(Descs.LONG, Descs.INT, Descs.INT));
  }
}
