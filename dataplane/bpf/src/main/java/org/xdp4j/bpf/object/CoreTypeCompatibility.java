package org.xdp4j.bpf.object;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * Whether a type of the kernel's is one that a type-based CO-RE relocation may mean, by kinds
 * alone, as libbpf compares them (__bpf_core_types_are_compat): names, sizes, signs and lengths of
 * arrays make no difference, and structures are not looked into. Behind pointers, in arrays and in
 * prototypes the same holds of what is there.
 */
final class CoreTypeCompatibility {
  /** Pointers and arrays inside one another, and prototypes, before libbpf gives up. */
  private static final int MAX_NESTING = 32;

  private final Btf own;
  private final Btf target;
  private final CoreTypeMatch.Budget budget;

  CoreTypeCompatibility(Btf own, Btf target, CoreTypeMatch.Budget budget) {
    this.own = own;
    this.target = target;
    this.budget = budget;
  }

  /** Whether {@code candidate} of the target's types may be meant by the own type {@code local}. */
  boolean holds(int local, int candidate) throws LinkException {
    return holds(local, candidate, MAX_NESTING);
  }

  private boolean holds(int local, int candidate, int prototypes) throws LinkException {
    int mine = local;
    int theirs = candidate;
    // A loop, for a forged pointer may lead to itself.
    for (int left = MAX_NESTING; left > 0; left--) {
      budget.spend();
      BtfType a = own.resolve(mine);
      BtfType b = target.resolve(theirs);
      if (a.getClass() != b.getClass()) {
        return false;
      }
      switch (a) {
        case BtfType.Void t -> {
          return true;
        }
        case BtfType.Composite t -> {
          return true;
        }
        case BtfType.Enum t -> {
          return true;
        }
        case BtfType.Fwd t -> {
          return true;
        }
        case BtfType.Int t -> {
          return t.bitOffset() == 0 && ((BtfType.Int) b).bitOffset() == 0;
        }
        case BtfType.Ptr t -> {
          mine = t.type();
          theirs = ((BtfType.Ptr) b).type();
        }
        case BtfType.Array t -> {
          mine = t.type();
          theirs = ((BtfType.Array) b).type();
        }
        case BtfType.FuncProto t -> {
          BtfType.FuncProto other = (BtfType.FuncProto) b;
          if (!parameters(t, other, prototypes)) {
            return false;
          }
          mine = t.returnType();
          theirs = other.returnType();
        }
        default -> {
          return false;
        }
      }
    }
    throw tooDeep();
  }

  private boolean parameters(BtfType.FuncProto mine, BtfType.FuncProto theirs, int prototypes)
      throws LinkException {
    if (mine.params().size() != theirs.params().size()) {
      return false;
    }
    for (int i = 0; i < mine.params().size(); i++) {
      if (prototypes == 0) {
        throw tooDeep();
      }
      int other = theirs.params().get(i).type();
      if (!holds(mine.params().get(i).type(), other, prototypes - 1)) {
        return false;
      }
    }
    return true;
  }

  private static LinkException tooDeep() {
    return new LinkException(
        "a CO-RE relocation compares types of more than %d levels".formatted(MAX_NESTING));
  }
}
