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

  @Override
  void find() {
    pushReader();
    pushKey();
    cb.invokevirtual(reader(), "find", MethodTypeDesc.of(Descs.LONG, Descs.LONG));
  }
}
