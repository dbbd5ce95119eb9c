package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * Finds what a CO-RE relocation means. Among the object's own types a type means itself; one with a
 * flavour, {@code name___flavour}, means the type {@code name} when the object has that too. Among
 * a kernel's types it means those of its name, without flavour or with any, as libbpf has it
 * (bpf_core_find_cands, bpf_core_calc_relo_insn), and none when there are none.
 */
final class CoreMatcher {
  private static final String FLAVOUR = "___";

  /** Comparisons that may still be made, so that forged types cannot ask for endless ones. */
  private long comparisons = 1 << 24;

  private final Btf own;
  private final Btf target;
  private final CoreTypeMatch matching;
  private final CoreTypeCompatibility compatibility;

  /** The target's types with a flavour, by their names without; null until asked for. */
  private Map<String, List<Integer>> flavoured;

  /**
   * Of {@code own} types and the ones that they may mean.
   *
   * @param target the same as {@code own} when no kernel's types are known
   */
  CoreMatcher(Btf own, Btf target) {
    this.own = own;
    this.target = target;
    this.matching = new CoreTypeMatch(own, target, this::count);
    this.compatibility = new CoreTypeCompatibility(own, target, this::count);
  }

  /** What {@code local} means: nothing when nothing fits, and several when more than one does. */
  List<CoreSpec> match(CoreSpec local, CoreKind kind) throws LinkException {
    comparisons -= local.steps().size();
    count();
    if (kind == CoreKind.TYPE_ID_LOCAL) {
      return List.of(local);
    }
    BtfType root = own.type(local.root());
    return target == own ? among(local, root, kind) : inKernel(local, root, kind);
  }

  /** Among the object's own types: one, always. */
  private List<CoreSpec> among(CoreSpec local, BtfType root, CoreKind kind) throws LinkException {
    String essential = essential(root.name());
    if (essential.equals(root.name())) {
      return List.of(local);
    }
    boolean other = false;
    for (int candidate : own.named(essential)) {
      if (sameKind(root, own.type(candidate))) {
        other = true;
        CoreSpec fitting = match(local, candidate, kind);
        if (fitting != null) {
          return List.of(fitting);
        }
      }
    }
    return other ? List.of() : List.of(local);
  }

  private List<CoreSpec> inKernel(CoreSpec local, BtfType root, CoreKind kind)
      throws LinkException {
    if (root.name().isEmpty()) {
      throw new LinkException("a CO-RE relocation of a type without a name, which no kernel's is");
    }
    List<CoreSpec> found = new ArrayList<>();
    for (int candidate : candidates(essential(root.name()))) {
      CoreSpec fitting =
          sameKind(root, target.type(candidate)) ? match(local, candidate, kind) : null;
      if (fitting != null) {
        found.add(fitting);
      }
    }
    return found;
  }

  /** The target's types of this name, first those without a flavour. */
  private List<Integer> candidates(String name) {
    if (flavoured == null) {
      flavoured = flavours();
    }
    List<Integer> plain = target.named(name);
    List<Integer> others = flavoured.get(name);
    if (others == null) {
      return plain;
    }
    List<Integer> all = new ArrayList<>(plain);
    all.addAll(others);
    return all;
  }

  private Map<String, List<Integer>> flavours() {
    Map<String, List<Integer>> found = new HashMap<>();
    for (int id = 1; id < target.count(); id++) {
      String name = target.type(id).name();
      String essential = essential(name);
      if (essential.length() < name.length()) {
        found.computeIfAbsent(essential, n -> new ArrayList<>(1)).add(id);
      }
    }
    return found;
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
    boolean fits =
        kind == CoreKind.TYPE_MATCHES
            ? matching.matches(local.root(), candidate)
            : compatibility.holds(local.root(), candidate);
    return fits ? new CoreSpec(candidate, List.of(), 0) : null;
  }

  private CoreSpec enumerator(CoreSpec local, int candidate) throws LinkException {
    if (!(target.resolve(candidate) instanceof BtfType.Enum type)) {
      return null;
    }
    String wanted = essential(local.last().name());
    for (int i = 0; i < type.values().size(); i++) {
      count();
      if (essential(type.values().get(i).name()).equals(wanted)) {
        String name = type.values().get(i).name();
        return new CoreSpec(
            candidate, List.of(new CoreSpec.Step(target.strip(candidate), i, name)), 0);
      }
    }
    return null;
  }

  private CoreSpec field(CoreSpec local, int candidate) throws LinkException {
    Path path = new Path(target.strip(candidate));
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
      bits += CoreSpec.bits(target, type, index);
      steps.add(new CoreSpec.Step(type, index, null));
      return true;
    }

    boolean arrayElement(int index) throws LinkException {
      if (!(target.type(type) instanceof BtfType.Array array)
          || index >= array.count() && !CoreSpec.isFlexible(target, steps, array)) {
        return false;
      }
      type = target.strip(array.type());
      return element(index);
    }

    /** Follows the member of this name, which may stand in an anonymous member. */
    boolean member(CoreSpec.Step local, int in) throws LinkException {
      if (!(target.type(in) instanceof BtfType.Composite composite)) {
        return false;
      }
      for (int i = 0; i < composite.members().size(); i++) {
        count();
        BtfType.Member member = composite.members().get(i);
        int memberType = target.strip(member.type());
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
    return ((BtfType.Composite) own.type(step.type())).members().get(step.index());
  }

  /** Whether a field of type {@code a} may be read as one of type {@code b}. */
  private boolean compatible(int a, int b) {
    BtfType mine = own.resolve(a);
    BtfType theirs = target.resolve(b);
    if (mine instanceof BtfType.Composite && theirs instanceof BtfType.Composite) {
      return true;
    }
    if (!sameKind(mine, theirs)) {
      return false;
    }
    return switch (mine) {
      case BtfType.Array t -> compatible(t.type(), ((BtfType.Array) theirs).type());
      case BtfType.Enum t -> sameName(mine, theirs);
      case BtfType.Fwd t -> sameName(mine, theirs);
      case BtfType.Int t -> t.bitOffset() == 0 && ((BtfType.Int) theirs).bitOffset() == 0;
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

  private void count() throws LinkException {
    if (comparisons-- <= 0) {
      throw new LinkException("the object's CO-RE relocations take too long to resolve");
    }
  }
}
