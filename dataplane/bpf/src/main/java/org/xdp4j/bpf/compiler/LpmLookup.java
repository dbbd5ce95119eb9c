package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.LpmReader;
import org.xdp4j.bpf.map.LpmTrieMap;

/** Look-ups of IPv4 addresses in LPM maps: the key goes there as one number. */
final class LpmLookup {
  private final Body body;
  private final ProgramClass owner;
  private final CodeBuilder cb;

  LpmLookup(Body body, ProgramClass owner) {
    this.body = body;
    this.owner = owner;
    this.cb = body.cb;
  }

  static boolean isFor(BpfMap map) {
    return map instanceof LpmTrieMap lpm && lpm.reader() != null;
  }

  /** Leaves the value's address in r0. */
  void emit(int at, BpfMap map) {
    LpmReader reader = ((LpmTrieMap) map).reader();
    cb.getstatic(Descs.PROGRAM, owner.readerField(map, reader), Descs.LPM_READER);
    new KeyWords(body, at).push(0, Long.BYTES);
    cb.invokevirtual(Descs.LPM_READER, "find", MethodTypeDesc.of(Descs.LONG, Descs.LONG));
    body.enterValue(map.spec().valueSize());
    body.put(0);
  }
}
