package org.xdp4j.bpf.compiler;

import static java.lang.classfile.ClassFile.ACC_PROTECTED;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Prefetch;

/**
 * Writes {@code hints}: for each frame of a batch, into {@code batch.ahead}, which key it will look
 * up first, and in which map ({@link Foresight}).
 */
final class HintMethod {
  /** Slots, beside those of {@link BatchMethod}: the hint so far, two, and where hints go. */
  private static final int HINT = 5;

  private static final int HINTS = 7;

  private final ProgramClass owner;
  private final Foresight foresight;
  private final CodeBuilder cb;
  private final Locals locals = Locals.ofBatch();

  private HintMethod(ProgramClass owner, Foresight foresight, CodeBuilder cb) {
    this.owner = owner;
    this.foresight = foresight;
    this.cb = cb;
  }

  static void build(ProgramClass owner, Foresight foresight, ClassBuilder cb) {
    cb.withMethodBody(
        "hints",
        MethodTypeDesc.of(Descs.VOID, Descs.BATCH, Descs.CONTEXT),
        ACC_PROTECTED,
        code -> new HintMethod(owner, foresight, code).emit());
  }

  private void emit() {
    cb.aload(BatchMethod.BATCH).getfield(Descs.BATCH, "ahead", Descs.LONGS).astore(HINTS);
    cb.aload(BatchMethod.BATCH).getfield(Descs.BATCH, "size", Descs.INT).istore(BatchMethod.SIZE);
    cb.iconst_0().istore(BatchMethod.INDEX);
    Label test = cb.newBoundLabel();
    Label next = cb.newLabel();
    Label end = cb.newLabel();
    cb.iload(BatchMethod.INDEX).iload(BatchMethod.SIZE).if_icmpge(end);
    Body body = body(next);
    for (int offset : owner.main().packetPointers()) {
      column(ContextFields.name(offset), true);
      body.putPacketPointer(offset);
    }
    owner.main().contextNumbers().stream()
        .filter(ContextFields::isColumn)
        .forEach(
            offset -> {
              cb.aload(BatchMethod.CONTEXT);
              column(ContextFields.name(offset), false);
              cb.putfield(Descs.CONTEXT, ContextFields.name(offset), Descs.INT);
            });
    body.push(-1L).cb.lstore(HINT);
    BatchMethod.begin(owner, body);
    body.emit();
    cb.labelBinding(next);
    cb.aload(HINTS).iload(BatchMethod.INDEX).lload(HINT).lastore();
    cb.iinc(BatchMethod.INDEX, 1).goto_(test);
    cb.labelBinding(end);
    cb.return_();
  }

  /** Pushes the frame's part of a column. */
  private void column(String name, boolean longs) {
    cb.aload(BatchMethod.BATCH);
    cb.getfield(Descs.BATCH, name, longs ? Descs.LONGS : Descs.INT.arrayType());
    cb.iload(BatchMethod.INDEX);
    if (longs) {
      cb.laload();
    } else {
      cb.iaload();
    }
  }

  private Body body(Label next) {
    return new Body(
        owner,
        cb,
        locals,
        owner.main(),
        owner.main().wholeWords(),
        foresight.blocks(),
        new Body.Exits() {
          @Override
          public void leave(Body body) {
            body.cb.goto_(next);
          }

          @Override
          public void jump(Body body, int target) {
            body.cb.goto_(next);
          }

          @Override
          public boolean isPartial() {
            return true;
          }

          @Override
          public Body.Part part(Body body, int at) {
            Body.Part part = foresight.part(at);
            if (part == Body.Part.LAST) {
              if (foresight.isForeseen(at)) {
                hint(body, at);
              }
              body.cb.goto_(next);
            }
            return part;
          }
        });
  }

  private void hint(Body body, int at) {
    BpfMap map = owner.code().mapAt(at);
    body.push(Prefetch.hint(foresight.number(map), 0));
    lookup(body, map).pushHint(at);
    cb.lor().lstore(HINT);
  }

  private MapLookup lookup(Body body, BpfMap map) {
    if (HashLookup.isFor(map)) {
      return new HashLookup(body, owner, map);
    }
    return LpmLookup.isFor(map)
        ? new LpmLookup(body, owner, map)
        : new LpmPathLookup(body, owner, map);
  }
}
