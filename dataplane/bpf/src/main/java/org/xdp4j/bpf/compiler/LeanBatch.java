package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.util.List;
import java.util.stream.Stream;

/**
 * The batch's loop for a program of which no helper looks at the frame: the columns it uses are
 * read straight into locals, the frame's bounds cannot change, and no redirect can be asked for.
 *
 * <pre>
 *  slot 5  data          8  ingressIfindex   10  verdict          columns, as arrays;
 *       6  dataEnd       9  rxQueueIndex     11  redirectMap      those in use
 *       7  dataMeta                          12  redirectTarget
 *                                            13  redirectFlags
 * </pre>
 */
final class LeanBatch {
  private static final int FIRST_COLUMN = 5;
  private static final int VERDICT = 10;
  private static final List<String> REDIRECT =
      List.of("redirectMap", "redirectTarget", "redirectFlags");

  private static final ClassDesc INTS = Descs.INT.arrayType();

  /** {@code egress_ifindex} is the context's alone: a batch has no column of it. */
  private static final int EGRESS_IFINDEX = 20;

  private final BatchMethod batch;
  private final Function main;
  private final CodeBuilder cb;
  private final Locals locals;

  LeanBatch(BatchMethod batch, Function main, CodeBuilder cb, Locals locals) {
    this.batch = batch;
    this.main = main;
    this.cb = cb;
    this.locals = locals;
  }

  /** A run that faults leaves batch and context as the other loop would. */
  void emit() {
    Stream.concat(main.packetPointers().stream(), numbers())
        .forEach(offset -> loadColumn(column(offset), ContextFields.name(offset)));
    loadColumn(VERDICT, "verdict");
    for (int i = 0; i < REDIRECT.size(); i++) {
      loadColumn(VERDICT + 1 + i, REDIRECT.get(i));
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
    cb.iload(BatchMethod.INDEX).iload(BatchMethod.SIZE).if_icmpge(end);
    for (int offset : main.packetPointers()) {
      cb.aload(column(offset)).iload(BatchMethod.INDEX).laload();
      cb.lstore(locals.packetPointer(offset));
    }
    numbers()
        .forEach(
            offset -> {
              cb.aload(BatchMethod.CONTEXT);
              cb.aload(column(offset)).iload(BatchMethod.INDEX).iaload();
              cb.putfield(Descs.CONTEXT, ContextFields.name(offset), Descs.INT);
            });
    batch.run(batch.body(next));
    cb.labelBinding(next);
    cb.aload(VERDICT).iload(BatchMethod.INDEX).lload(locals.register(0)).l2i().iastore();
    for (int i = 0; i < REDIRECT.size(); i++) {
      cb.aload(VERDICT + 1 + i).iload(BatchMethod.INDEX).lconst_0().lastore();
    }
    cb.iinc(BatchMethod.INDEX, 1).goto_(test);
  }

  private Stream<Integer> numbers() {
    return main.contextNumbers().stream().filter(offset -> offset != EGRESS_IFINDEX);
  }

  private void loadColumn(int slot, String name) {
    ClassDesc type = name.startsWith("redirect") || name.startsWith("data") ? Descs.LONGS : INTS;
    cb.aload(BatchMethod.BATCH).getfield(Descs.BATCH, name, type).astore(slot);
  }

  private static int column(int offset) {
    return FIRST_COLUMN + offset / 4;
  }
}
