package org.xdp4j.bpf.generate;

import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Opcode;

/** Objects that are allocated, linked into a list of an object's own, counted, and dropped. */
public final class AllocationWriter {
  /** What programs with such dealings have as types, a struct a line. */
  public static final String TYPES =
      """
      struct item { long number; struct bpf_list_node node; struct bpf_refcount refs; }
      struct shelf { struct bpf_spin_lock lock; struct bpf_list_head list contains:item:node; long sum; }
      """;

  /** The ids that the two have there. */
  public static final int ITEM = 8;

  public static final int SHELF = 13;

  private static final int LIST = 8;
  private static final int NODE = 8;
  private static final int SUM = 24;

  /** Where the shelf is kept. */
  private static final int KEPT = 9;

  /** Where on the stack the item is kept. */
  private static final int PLACE = HelperWriter.AREA - 24;

  private static final int AGAIN = PLACE + 8;

  private final Scribe s;

  AllocationWriter(Scribe scribe) {
    this.s = scribe;
  }

  void write() {
    int context = s.find(h -> h.is(Kind.CONTEXT));
    if (context == KEPT) {
      return;
    }
    int none = s.code.newLabel();
    int noItem = s.code.newLabel();
    allocate(SHELF, none);
    s.code.mov(KEPT, 0);
    s.code.storeImm(Opcode.DW, KEPT, s.aim(SUM), s.below(9));
    allocate(ITEM, noItem);
    s.code.storeImm(Opcode.DW, 0, s.aim(0), s.below(9));
    s.code.store(Opcode.DW, 10, 0, PLACE);
    switch (s.below(3)) {
      case 0 -> drop(PLACE);
      case 1 -> count();
      default -> link(noItem);
    }
    s.code.place(noItem);
    if (!s.slips()) {
      s.code.mov(1, KEPT);
      s.code.movImm(2, 0);
      kfunc("bpf_obj_drop_impl");
    }
    s.code.place(none);
    s.model.clobber();
    s.set(0, Holding.NOTHING);
    s.set(KEPT, Holding.NOTHING);
  }

  private void kfunc(String name) {
    s.code.callKernel(Kfuncs.byName(name).orElseThrow().number());
  }

  private void allocate(int type, int otherwise) {
    s.code.movImm(1, type);
    s.code.movImm(2, 0);
    kfunc("bpf_obj_new_impl");
    if (!s.slips()) {
      s.code.jumpImm(true, Opcode.JEQ, 0, 0, otherwise);
    }
  }

  private void drop(int place) {
    if (!s.slips()) {
      s.code.load(Opcode.DW, false, 1, 10, place);
      s.code.movImm(2, 0);
      kfunc("bpf_obj_drop_impl");
    }
  }

  private void count() {
    s.code.load(Opcode.DW, false, 1, 10, PLACE);
    s.code.movImm(2, 0);
    kfunc("bpf_refcount_acquire_impl");
    s.code.store(Opcode.DW, 10, 0, AGAIN);
    drop(PLACE);
    drop(AGAIN);
  }

  private void lock(int helper) {
    if (!s.slips()) {
      s.code.mov(1, KEPT);
      s.code.call(helper);
    }
  }

  private void link(int otherwise) {
    lock(HelperSpec.SPIN_LOCK);
    head();
    s.code.load(Opcode.DW, false, 2, 10, PLACE);
    s.code.aluImm(true, Opcode.ADD, 2, s.aim(NODE));
    s.code.movImm(3, 0);
    s.code.movImm(4, 0);
    kfunc(s.coin() ? "bpf_list_push_front_impl" : "bpf_list_push_back_impl");
    if (s.coin()) {
      s.code.load(Opcode.DW, false, 1, 10, PLACE);
      s.code.load(Opcode.W, false, 0, 1, s.aim(4));
    }
    boolean takes = s.coin();
    if (takes) {
      head();
      kfunc(s.coin() ? "bpf_list_pop_front" : "bpf_list_pop_back");
      s.code.store(Opcode.DW, 10, 0, PLACE);
    }
    lock(HelperSpec.SPIN_UNLOCK);
    if (takes) {
      s.code.load(Opcode.DW, false, 1, 10, PLACE);
      s.code.jumpImm(true, Opcode.JEQ, 1, 0, otherwise);
      s.code.aluImm(true, Opcode.ADD, 1, -NODE);
      s.code.movImm(2, 0);
      kfunc("bpf_obj_drop_impl");
    }
  }

  private void head() {
    s.code.mov(1, KEPT);
    s.code.aluImm(true, Opcode.ADD, 1, s.aim(LIST));
  }
}
