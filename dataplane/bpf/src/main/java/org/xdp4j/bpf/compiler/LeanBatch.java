package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The batch's loop for a program of which no helper looks at the frame: the columns it uses are
 * read straight into locals, and the frame's bounds cannot change. Where no redirect can be asked
 * for, the columns that say so are cleared at once, before the loop.
 *
 * <pre>
 *  slot 5  data          8  ingressIfindex   10  verdict          columns, as arrays;
 *       6  dataEnd       9  rxQueueIndex     11  redirectMap      those in use
 *       7  dataMeta                          12  redirectTarget
 *                        14  nanos           13  redirectFlags
 * </pre>
 */
final class LeanBatch {
  private static final int FIRST_COLUMN = 5;
  private static final int VERDICT = 10;
  private static final int NANOS = 14;
  private static final List<String> REDIRECT =
      List.of("redirectMap", "redirectTarget", "redirectFlags");

  private static final ClassDesc INTS = Descs.INT.arrayType();

  private final BatchMethod batch;
  private final ProgramClass owner;
  private final Function main;
  private final CodeBuilder cb;
  private final Locals locals;

  LeanBatch(BatchMethod batch, ProgramClass owner, CodeBuilder cb, Locals locals) {
    this.batch = batch;
    this.owner = owner;
    this.main = owner.main();
    this.cb = cb;
    this.locals = locals;
  }

  /** A run that faults leaves batch and context as the other loop would. */
  void emit() {
    Stream.concat(main.packetPointers().stream(), numbers())
        .forEach(offset -> loadColumn(column(offset), ContextFields.name(offset)));
    loadColumn(VERDICT, "verdict");
    if (owner.needsTime()) {
      loadColumn(NANOS, "nanos");
    }
    for (int i = 0; i < REDIRECT.size(); i++) {
      if (owner.redirects()) {
        loadColumn(VERDICT + 1 + i, REDIRECT.get(i));
      } else {
        clearColumn(REDIRECT.get(i));
      }
    }
    Label end = cb.newLabel();
    Label from = cb.newBoundLabel();
    loop(end);
    Label to = cb.newBoundLabel();
    cb.labelBinding(end);
    cb.aload(BatchMethod.BATCH).iload(BatchMethod.SIZE);
    cb.putfield(Descs.BATCH, "done", Descs.INT).return_();
    Label faulted = cb.newBoundLabel();
    cb.exceptionCatchAll(from, to, faulted);
    cb.astore(VERDICT);
    cb.aload(BatchMethod.BATCH).iload(BatchMethod.INDEX);
    cb.putfield(Descs.BATCH, "done", Descs.INT);
    batch.enter();
    cb.aload(VERDICT).athrow();
  }

  private void loop(Label end) {
    Label test = cb.newBoundLabel();
    Label next = cb.newLabel();
    Body body = batch.body(next);
    cb.iload(BatchMethod.INDEX).iload(BatchMethod.SIZE).if_icmpge(end);
    for (int offset : main.packetPointers()) {
      cb.aload(column(offset)).iload(BatchMethod.INDEX).laload();
      body.putPacketPointer(offset);
    }
    numbers()
        .forEach(
            offset -> {
              cb.aload(BatchMethod.CONTEXT);
              cb.aload(column(offset)).iload(BatchMethod.INDEX).iaload();
              cb.putfield(Descs.CONTEXT, ContextFields.name(offset), Descs.INT);
            });
    if (owner.needsTime()) {
      cb.aload(BatchMethod.CONTEXT).aload(NANOS).iload(BatchMethod.INDEX).laload();
      cb.putfield(Descs.CONTEXT, "frameNanos", Descs.LONG);
    }
    if (owner.redirects()) {
      for (String column : REDIRECT) {
        cb.aload(BatchMethod.CONTEXT).lconst_0().putfield(Descs.CONTEXT, column, Descs.LONG);
      }
    }
    batch.run(body);
    cb.labelBinding(next);
    cb.aload(VERDICT).iload(BatchMethod.INDEX).lload(locals.register(0)).l2i().iastore();
    for (int i = 0; i < REDIRECT.size() && owner.redirects(); i++) {
      cb.aload(VERDICT + 1 + i).iload(BatchMethod.INDEX).aload(BatchMethod.CONTEXT);
      cb.getfield(Descs.CONTEXT, REDIRECT.get(i), Descs.LONG).lastore();
    }
    cb.iinc(BatchMethod.INDEX, 1).goto_(test);
  }

  private Stream<Integer> numbers() {
    return main.contextNumbers().stream().filter(ContextFields::isColumn);
  }

  private void loadColumn(int slot, String name) {
    pushColumn(name, name.startsWith("redirect") || name.startsWith("data") || slot == NANOS);
    cb.astore(slot);
  }

  private void clearColumn(String name) {
    pushColumn(name, true);
    cb.iload(BatchMethod.INDEX).iload(BatchMethod.SIZE).lconst_0();
    cb.invokestatic(
        Descs.of(Arrays.class),
        "fill",
        MethodTypeDesc.of(Descs.VOID, Descs.LONGS, Descs.INT, Descs.INT, Descs.LONG));
  }

  private void pushColumn(String name, boolean longs) {
    cb.aload(BatchMethod.BATCH).getfield(Descs.BATCH, name, longs ? Descs.LONGS : INTS);
  }

  private static int column(int offset) {
    return FIRST_COLUMN + offset / 4;
  }
}
