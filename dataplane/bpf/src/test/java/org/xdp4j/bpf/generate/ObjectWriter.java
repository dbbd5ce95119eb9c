package org.xdp4j.bpf.generate;

import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Opcode;

/** Dealings of several calls: callbacks, dynptrs, iterators, sections, objects, exceptions. */
final class ObjectWriter {
  private static final int LOOP = 181;
  private static final int FOR_EACH = 164;
  private static final int FROM_MEM = 197;
  private static final int RESERVE = 198;
  private static final int SUBMIT = 199;
  private static final int DISCARD = 200;
  private static final int READ = 201;
  private static final int WRITE = 202;
  private static final int DATA = 203;

  /** Where the dynptr or iterator lies: below the arguments of other helpers. */
  private static final int PLACE = HelperWriter.AREA - 24;

  private final Scribe s;
  private final FlowWriter flow;

  ObjectWriter(Scribe scribe, FlowWriter flow) {
    this.s = scribe;
    this.flow = flow;
  }

  void write(Runnable body) {
    switch (s.below(12)) {
      case 0, 1 -> loop();
      case 2 -> forEach();
      case 3 -> localDynptr();
      case 4 -> ringDynptr();
      case 5 -> packetDynptr();
      case 6 -> iterator(body);
      case 7 -> new SocketWriter(s).write();
      case 8, 9 -> new AllocationWriter(s).write();
      case 10 -> raise();
      default -> section(body);
    }
  }

  private void at(int register, int place) {
    s.code.mov(register, 10);
    s.code.aluImm(true, Opcode.ADD, register, s.aim(place));
  }

  private void kfunc(String name) {
    s.code.callKernel(Kfuncs.byName(name).orElseThrow().number());
    s.model.clobber();
    s.set(0, Holding.NUMBER);
  }

  private void helper(int id) {
    s.code.call(id);
    s.model.clobber();
    s.set(0, Holding.NUMBER);
  }

  private void loop() {
    int label = flow.callback(Holding.NUMBER, Holding.of(Kind.OUTER_STACK).moved(-16));
    if (label < 0) {
      return;
    }
    s.code.movImm(1, s.below(6));
    s.code.function(2, label);
    at(3, -16);
    s.code.movImm(4, s.slips() ? 1 : 0);
    s.code.storeImm(Opcode.DW, 10, -16, s.below(9));
    afterCallback(LOOP);
  }

  private void forEach() {
    int map = WorldMaps.pick(Helpers.byId(FOR_EACH).orElseThrow().mapTypes(), s.random);
    if (map == WorldMaps.CONSTANTS || map == WorldMaps.READ_ONLY || map == WorldMaps.WRITE_ONLY) {
      map = 0;
    }
    Holding value = Holding.ofMap(Kind.VALUE, map, 0);
    int label =
        flow.callback(
            Holding.NOTHING,
            Holding.ofMap(Kind.KEY, map, 0),
            value,
            Holding.of(Kind.OUTER_STACK).moved(-16));
    if (label < 0) {
      return;
    }
    s.code.storeImm(Opcode.DW, 10, -16, s.below(9));
    s.code.map(1, map);
    s.code.function(2, label);
    at(3, -16);
    s.code.movImm(4, 0);
    afterCallback(FOR_EACH);
  }

  private void afterCallback(int id) {
    helper(id);
    for (int i = 0; i < Model.SLOTS; i++) {
      s.model.slots[i] = Holding.NOTHING;
    }
    for (int r = 6; r < 10; r++) {
      if (s.get(r).isNumber()) {
        s.set(r, Holding.NUMBER);
      }
    }
  }

  private void localDynptr() {
    int pointer = s.find(h -> h.is(Kind.VALUE) && h.offset() == 0 && h.most() == 0);
    int map = pointer < 6 ? WorldMaps.DATA : Math.max(0, s.get(pointer).map());
    if (map >= WorldMaps.CONSTANTS && map != WorldMaps.DATA) {
      return;
    }
    if (pointer < 6) {
      s.code.value(1, map, 0);
    } else {
      s.code.mov(1, pointer);
    }
    s.code.movImm(2, s.aim(WorldMaps.valueSize(map) / 2));
    s.code.movImm(3, 0);
    at(4, PLACE);
    helper(FROM_MEM);
    use();
    use();
  }

  private void ringDynptr() {
    s.code.map(1, WorldMaps.RING);
    s.code.movImm(2, 8 * (1 + s.below(8)));
    s.code.movImm(3, 0);
    at(4, PLACE);
    helper(RESERVE);
    use();
    at(1, PLACE);
    s.code.movImm(2, 0);
    if (!s.slips()) {
      helper(s.coin() ? SUBMIT : DISCARD);
    }
  }

  /** The packet as a dynptr, and a piece of it as memory. */
  private void packetDynptr() {
    int context = s.find(Kind.CONTEXT);
    if (context < 6) {
      return;
    }
    s.code.mov(1, context);
    s.code.movImm(2, 0);
    at(3, PLACE);
    kfunc("bpf_dynptr_from_xdp");
    at(1, PLACE);
    s.code.movImm(2, s.below(20));
    at(3, HelperWriter.AREA);
    int bytes = 8 * (1 + s.below(4));
    s.code.movImm(4, bytes);
    kfunc(s.coin() ? "bpf_dynptr_slice" : "bpf_dynptr_slice_rdwr");
    readAll(bytes);
    measure();
  }

  private void measure() {
    at(1, PLACE);
    switch (s.below(4)) {
      case 0 -> kfunc("bpf_dynptr_size");
      case 1 -> kfunc("bpf_dynptr_is_null");
      case 2 -> kfunc("bpf_dynptr_is_rdonly");
      default -> {
        s.code.movImm(2, s.below(8));
        s.code.movImm(3, 8 + s.below(8));
        kfunc("bpf_dynptr_adjust");
      }
    }
  }

  /** r0 is memory or NULL: reads a byte of it where it is memory. */
  private void readAll(int bytes) {
    int skip = s.code.newLabel();
    s.code.jumpImm(true, Opcode.JEQ, 0, 0, skip);
    s.code.load(Opcode.B, s.coin(), 0, 0, s.aim(s.below(bytes)));
    s.code.place(skip);
    s.code.movImm(0, 1);
    s.set(0, Holding.number(1));
  }

  private void use() {
    switch (s.below(4)) {
      case 0 -> {
        at(1, HelperWriter.AREA);
        s.code.movImm(2, 8);
        at(3, PLACE);
        s.code.movImm(4, s.below(9));
        s.code.movImm(5, 0);
        helper(READ);
      }
      case 1 -> {
        at(1, PLACE);
        s.code.movImm(2, s.below(9));
        at(3, HelperWriter.AREA);
        s.code.movImm(4, 8);
        s.code.movImm(5, 0);
        helper(WRITE);
      }
      case 2 -> {
        int bytes = 1 + s.below(8);
        at(1, PLACE);
        s.code.movImm(2, s.below(9));
        s.code.movImm(3, bytes);
        helper(DATA);
        readAll(bytes);
      }
      default -> measure();
    }
  }

  /** Throws when a number is what it may be. */
  private void raise() {
    int end = s.code.newLabel();
    s.code.jumpImm(true, Opcode.JNE, s.number(), s.below(4), end);
    s.code.movImm(1, s.below(9));
    kfunc("bpf_throw");
    s.code.place(end);
    s.model.clobber();
    s.set(0, Holding.NOTHING);
  }

  /** {@code bpf_for_each}: an open-coded iterator over numbers, or over bits of the stack. */
  private void iterator(Runnable body) {
    String iterator = s.coin() ? "bpf_iter_num_" : "bpf_iter_bits_";
    at(1, PLACE);
    if (iterator.equals("bpf_iter_bits_")) {
      s.code.mov(2, 10);
      s.code.aluImm(true, Opcode.ADD, 2, -8);
      s.code.movImm(3, s.below(2));
    } else {
      s.code.movImm(2, s.below(3));
      s.code.movImm(3, s.below(9));
    }
    kfunc(iterator + "new");
    int head = s.code.newLabel();
    int end = s.code.newLabel();
    int outside = s.out;
    s.out = end;
    Model before = flow.beginTurns();
    s.code.place(head);
    at(1, PLACE);
    kfunc(iterator + "next");
    s.code.jumpImm(true, Opcode.JEQ, 0, 0, end);
    s.code.load(Opcode.W, false, 0, 0, 0);
    s.set(0, Holding.NUMBER);
    body.run();
    flow.endTurns(before);
    s.code.jump(false, head);
    s.model = before;
    s.code.place(end);
    s.out = outside;
    s.model.clobber();
    at(1, PLACE);
    kfunc(iterator + "destroy");
    s.set(0, Holding.NOTHING);
  }

  private void section(Runnable body) {
    boolean preempt = s.coin();
    kfunc(preempt ? "bpf_preempt_disable" : "bpf_rcu_read_lock");
    s.code.movImm(0, s.below(9));
    s.set(0, Holding.NUMBER);
    if (!s.slips()) {
      kfunc(preempt ? "bpf_preempt_enable" : "bpf_rcu_read_unlock");
    }
    s.set(0, Holding.NOTHING);
  }

  /** Whether {@code helper} is called here, in a dealing of several calls. */
  static boolean calls(HelperSpec helper) {
    return helper.id() == LOOP
        || helper.id() == FOR_EACH
        || helper.id() >= FROM_MEM && helper.id() <= DATA;
  }
}
