package org.xdp4j.bpf.object;

import java.util.List;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * {@code bpf_core_type_matches}: whether a type of the kernel's has all that an object's own type
 * has, by name, size and sign, as libbpf compares them (__bpf_core_types_match). Behind a pointer
 * structures are compared by name and kind only.
 */
final class CoreTypeMatch {
  /** Types inside one another before libbpf gives up. */
  private static final int MAX_NESTING = 32;

  /** Counts a comparison, and refuses to make another when there were too many. */
  interface Budget {
    void spend() throws LinkException;
  }

  private final Btf own;
  private final Btf target;
  private final Budget budget;

  CoreTypeMatch(Btf own, Btf target, Budget budget) {
    this.own = own;
    this.target = target;
    this.budget = budget;
  }

  /** Whether {@code candidate} of the target's types has all of the own type {@code local}. */
  boolean matches(int local, int candidate) throws LinkException {
    return matches(local, candidate, false, MAX_NESTING);
  }

  private boolean matches(int local, int candidate, boolean behindPointer, int left)
      throws LinkException {
    budget.spend();
    BtfType mine = own.resolve(local);
    BtfType theirs = target.resolve(candidate);
    if (left == 0) {
      throw new LinkException(
          "a CO-RE relocation compares types of more than %d levels".formatted(MAX_NESTING));
    }
    if (!sameName(mine.name(), theirs.name())) {
      return false;
    }
    return switch (mine) {
      case BtfType.Void t -> theirs instanceof BtfType.Void;
      case BtfType.Fwd t -> forward(t.union(), theirs, behindPointer);
      case BtfType.Enum t ->
          theirs instanceof BtfType.Enum other && t.size() == other.size() && values(t, other);
      case BtfType.Composite t when behindPointer ->
          t.getClass() == theirs.getClass()
              || theirs instanceof BtfType.Fwd other && other.union() == t instanceof BtfType.Union;
      case BtfType.Composite t ->
          t.getClass() == theirs.getClass() && members(t, (BtfType.Composite) theirs, left);
      case BtfType.Int t ->
          theirs instanceof BtfType.Int other
              && t.size() == other.size()
              && t.signed() == other.signed();
      case BtfType.Ptr t ->
          theirs instanceof BtfType.Ptr other && matches(t.type(), other.type(), true, left - 1);
      case BtfType.Array t ->
          theirs instanceof BtfType.Array other
              && t.count() == other.count()
              && matches(t.type(), other.type(), behindPointer, left - 1);
      case BtfType.FuncProto t ->
          theirs instanceof BtfType.FuncProto other && prototype(t, other, behindPointer, left);
      default -> false;
    };
  }

  private static boolean forward(boolean union, BtfType theirs, boolean behindPointer) {
    if (theirs instanceof BtfType.Fwd other) {
      return other.union() == union;
    }
    return behindPointer
        && (union ? theirs instanceof BtfType.Union : theirs instanceof BtfType.Struct);
  }

  private boolean values(BtfType.Enum mine, BtfType.Enum theirs) throws LinkException {
    if (mine.values().size() > theirs.values().size()) {
      return false;
    }
    for (BtfType.Enumerator wanted : mine.values()) {
      boolean found = false;
      for (BtfType.Enumerator candidate : theirs.values()) {
        budget.spend();
        found |= sameName(wanted.name(), candidate.name());
      }
      if (!found) {
        return false;
      }
    }
    return true;
  }

  private boolean members(BtfType.Composite mine, BtfType.Composite theirs, int left)
      throws LinkException {
    if (mine.members().size() > theirs.members().size()) {
      return false;
    }
    for (BtfType.Member wanted : mine.members()) {
      boolean found = false;
      for (int i = 0; !found && i < theirs.members().size(); i++) {
        budget.spend();
        BtfType.Member candidate = theirs.members().get(i);
        found =
            sameName(wanted.name(), candidate.name())
                && matches(wanted.type(), candidate.type(), false, left - 1);
      }
      if (!found) {
        return false;
      }
    }
    return true;
  }

  private boolean prototype(
      BtfType.FuncProto mine, BtfType.FuncProto theirs, boolean behindPointer, int left)
      throws LinkException {
    List<BtfType.Param> params = mine.params();
    if (params.size() != theirs.params().size()) {
      return false;
    }
    for (int i = 0; i < params.size(); i++) {
      int other = theirs.params().get(i).type();
      if (!matches(params.get(i).type(), other, behindPointer, left - 1)) {
        return false;
      }
    }
    return matches(mine.returnType(), theirs.returnType(), behindPointer, left - 1);
  }

  private static boolean sameName(String local, String candidate) {
    return CoreMatcher.essential(local).equals(CoreMatcher.essential(candidate));
  }
}
