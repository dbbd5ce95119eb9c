package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * Finds what a CO-RE relocation means among the object's own types. A type means itself; one with a
 * flavour, {@code name___flavour}, means the type {@code name} when the object has that too.
 */
final class CoreMatcher {
  private static final String FLAVOUR = "___";

  /** Comparisons that may still be made, so that forged types cannot ask for endless ones. */
  private long comparisons = 1 << 24;

  private final Btf btf;

  CoreMatcher(Btf btf) {
    this.btf = btf;
  }

  /** What {@code local} means, or null when nothing fits. */
  CoreSpec match(CoreSpec local, CoreKind kind) throws LinkException {
    comparisons -= local.steps().size();
    count();
    if (kind == CoreKind.TYPE_ID_LOCAL) {
      return local;
    }
    BtfType root = btf.type(local.root());
    String essential = essential(root.name());
    if (essential.equals(root.name())) {
      return local;
    }
    boolean other = false;
    for (int candidate : btf.named(essential)) {
      if (sameKind(root, btf.type(candidate))) {
        other = true;
        CoreSpec target = match(local, candidate, kind);
        if (target != null) {
          return target;
        }
      }
    }
    return other ? null : local;
  }

  /** {@code name} without its flavour. */
  static String essential(String name) {
    int at = name.lastIndexOf(FLAVOUR);
    boolean flavoured =
        at > 0
            && at + FLAVOUR.length() < name.length()
            && name.charAt(at - 1) != '_'
            && name.charAt(at + FLAVOUR.length()) != '_';
    return flavoured ? name.substring(0, at) : name;
  }

  private static boolean sameKind(BtfType a, BtfType b) {
    return a.getClass() == b.getClass();
  }

  private CoreSpec match(CoreSpec local, int candidate, CoreKind kind) throws LinkException {
    if (kind.isField()) {
      return field(local, candidate);
    }
    if (kind.isEnumerator()) {
      return enumerator(local, candidate);
    }
    if (kind == CoreKind.TYPE_MATCHES && !matches(local.root(), candidate)) {
      return null;
    }
    return new CoreSpec(candidate, List.of(), 0);
  }

  private CoreSpec enumerator(CoreSpec local, int candidate) throws LinkException {
    if (!(btf.resolve(candidate) instanceof BtfType.Enum type)) {
      return null;
    }
    String wanted = essential(local.last().name());
    for (int i = 0; i < type.values().size(); i++) {
      count();
      if (essential(type.values().get(i).name()).equals(wanted)) {
        String name = type.values().get(i).name();
        return new CoreSpec(
            candidate, List.of(new CoreSpec.Step(btf.strip(candidate), i, name)), 0);
      }
    }
    return null;
  }

  private CoreSpec field(CoreSpec local, int candidate) throws LinkException {
    Path path = new Path(btf.strip(candidate));
    for (int i = 0; i < local.steps().size(); i++) {
      CoreSpec.Step step = local.steps().get(i);
      boolean found;
      if (i == 0) {
        found = path.element(step.index());
      } else if (step.name() == null) {
        found = path.arrayElement(step.index());
      } else {
        found = path.member(step, path.type);
      }
      if (!found) {
        return null;
      }
    }
    return new CoreSpec(candidate, List.copyOf(path.steps), path.bits);
  }

  /** The way taken so far in the candidate. */
  private final class Path {
    final List<CoreSpec.Step> steps = new ArrayList<>();
    int type;
    long bits;

    Path(int type) {
      this.type = type;
    }

    boolean element(int index) throws LinkException {
      bits += CoreSpec.bits(btf, type, index);
      steps.add(new CoreSpec.Step(type, index, null));
      return true;
    }

    boolean arrayElement(int index) throws LinkException {
      if (!(btf.type(type) instanceof BtfType.Array array)
          || index >= array.count() && array.count() > 1) {
        return false;
      }
      type = btf.strip(array.type());
      return element(index);
    }

    /** Follows the member of this name, which may stand in an anonymous member. */
    boolean member(CoreSpec.Step local, int in) throws LinkException {
      if (!(btf.type(in) instanceof BtfType.Composite composite)) {
        return false;
      }
      for (int i = 0; i < composite.members().size(); i++) {
        count();
        BtfType.Member member = composite.members().get(i);
        int memberType = btf.strip(member.type());
        if (member.name().isEmpty()) {
          bits += member.bitOffset();
          if (member(local, memberType)) {
            return true;
          }
          bits -= member.bitOffset();
        } else if (member.name().equals(local.name())) {
          bits += member.bitOffset();
          type = memberType;
          steps.add(new CoreSpec.Step(in, i, member.name()));
          return compatible(memberOf(local).type(), memberType);
        }
      }
      return false;
    }
  }

  private BtfType.Member memberOf(CoreSpec.Step step) {
    return ((BtfType.Composite) btf.type(step.type())).members().get(step.index());
  }

  /** Whether a field of type {@code a} may be read as one of type {@code b}. */
  private boolean compatible(int a, int b) {
    BtfType local = btf.resolve(a);
    BtfType target = btf.resolve(b);
    if (local instanceof BtfType.Composite && target instanceof BtfType.Composite) {
      return true;
    }
    if (!sameKind(local, target)) {
      return false;
    }
    return switch (local) {
      case BtfType.Array t -> compatible(t.type(), ((BtfType.Array) target).type());
      case BtfType.Enum t -> sameName(local, target);
      case BtfType.Fwd t -> sameName(local, target);
      case BtfType.Int t -> t.bitOffset() == 0 && ((BtfType.Int) target).bitOffset() == 0;
      case BtfType.Ptr t -> true;
      case BtfType.Float t -> true;
      default -> false;
    };
  }

  private static boolean sameName(BtfType a, BtfType b) {
    return a.name().isEmpty()
        || b.name().isEmpty()
        || essential(a.name()).equals(essential(b.name()));
  }

  /** {@code bpf_core_type_matches}: whether the target has all that the local type has. */
  private boolean matches(int local, int target) throws LinkException {
    BtfType mine = btf.resolve(local);
    BtfType theirs = btf.resolve(target);
    if (!sameKind(mine, theirs)) {
      return false;
    }
    if (mine instanceof BtfType.Composite composite) {
      return hasMembers(composite, btf.strip(local), btf.strip(target));
    }
    if (mine instanceof BtfType.Enum type) {
      return hasValues(type, (BtfType.Enum) theirs);
    }
    return compatible(local, target);
  }

  private boolean hasMembers(BtfType.Composite composite, int local, int target)
      throws LinkException {
    for (int i = 0; i < composite.members().size(); i++) {
      BtfType.Member member = composite.members().get(i);
      Path path = new Path(target);
      boolean found =
          member.name().isEmpty()
              ? !(btf.resolve(member.type()) instanceof BtfType.Composite inner)
                  || hasMembers(inner, btf.strip(member.type()), target)
              : path.member(new CoreSpec.Step(local, i, member.name()), target);
      count();
      if (!found) {
        return false;
      }
    }
    return true;
  }

  private boolean hasValues(BtfType.Enum mine, BtfType.Enum theirs) throws LinkException {
    for (BtfType.Enumerator wanted : mine.values()) {
      boolean found = false;
      for (BtfType.Enumerator candidate : theirs.values()) {
        count();
        found |= essential(candidate.name()).equals(essential(wanted.name()));
      }
      if (!found) {
        return false;
      }
    }
    return true;
  }

  private void count() throws LinkException {
    if (comparisons-- <= 0) {
      throw new LinkException("the object's CO-RE relocations take too long to resolve");
    }
  }
}
