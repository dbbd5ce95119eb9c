package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.map.BpfMap;

/**
 * A look-up in a map by a key that is a few numbers: from the stack's local variables where the key
 * was built there, so that it never is in memory. It does not branch on whether the key was found:
 * a program's own branch on that would be compiled one-sidedly by a trial, in which no key may ever
 * be found in the map itself ({@link Support#found}).
 */
abstract class MapLookup {
  final Body body;
  final ProgramClass owner;
  final BpfMap map;
  final CodeBuilder cb;

  /** The first of the slots that hold the key; others may keep it in a form of their own. */
  int low;

  MapLookup(Body body, ProgramClass owner, BpfMap map) {
    this.body = body;
    this.owner = owner;
    this.map = map;
    this.cb = body.cb;
  }

  /** Pushes the value's address, or 0. */
  abstract void find();

  /** Pushes what knows the map: a constant of the class. */
  abstract void pushReader();

  /** The class of that. */
  abstract ClassDesc reader();

  /** Pushes the key's part of a hint ({@link org.xdp4j.bpf.map.Prefetch}). */
  final void pushHint(int at) {
    takeKey(at);
    pushHint();
  }

  /** The same of the key that was taken. */
  void pushHint() {
    pushReader();
    pushKey();
    cb.invokevirtual(
        reader(),
        "hint",
        isWide()
            ? MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.LONG)
            : MethodTypeDesc.of(Descs.LONG, Descs.LONG));
  }

  /** Puts the key where {@link #pushKey} takes it from. */
  void takeKey(int at) {
    int size = map.spec().keySize();
    KeyWords key = new KeyWords(body, at);
    low = body.locals.scratch();
    key.push(0, Math.min(Long.BYTES, size));
    cb.lstore(low);
    if (isWide()) {
      key.push(Long.BYTES, size - Long.BYTES);
      cb.lstore(low + 2);
    }
  }

  /** Leaves the value's address in r0, or 0. */
  final void emit(int at) {
    takeKey(at);
    find();
    found();
    body.pin();
    body.put(0);
  }

  /** Turns what was found into what the program is to see: another thing in a trial. */
  void found() {
    pushKey();
    if (!isWide()) {
      cb.lconst_0();
    }
    cb.getstatic(Descs.PROGRAM, owner.mapField(map), Descs.MAP).aload(body.locals.context());
    cb.invokestatic(
        Descs.SUPPORT,
        "found",
        MethodTypeDesc.of(
            Descs.LONG, Descs.LONG, Descs.LONG, Descs.LONG, Descs.MAP, Descs.CONTEXT));
  }

  /** Pushes the key's one or two numbers. */
  void pushKey() {
    cb.lload(low);
    if (isWide()) {
      cb.lload(low + 2);
    }
  }

  /** Whether a key is two numbers. */
  final boolean isWide() {
    return map.spec().keySize() > Long.BYTES;
  }
}
