package org.xdp4j.bpf.btf;

import java.util.ArrayList;
import java.util.List;

/**
 * Checks that types refer to what they may refer to, and that following them by value ends: no type
 * contains itself, and none nests deeper than {@link Btf#MAX_NESTING}. Where flaws are taken, what
 * they stand in is left out, so that the same is true of what is left.
 */
final class BtfCheck {
  private final List<BtfType> types;
  private final List<Integer> offsets;
  private final BtfFlaws flaws;

  /** 0: not seen; -1: being followed; else how deep it nests. */
  private final short[] depth;

  /** The path being followed, and which child of each is next. */
  private final int[] path = new int[Btf.MAX_NESTING + 1];

  private final int[] next = new int[Btf.MAX_NESTING + 1];

  BtfCheck(List<BtfType> types, List<Integer> offsets, BtfFlaws flaws) {
    this.flaws = flaws;
    this.types = types;
    this.offsets = offsets;
    this.depth = new short[types.size()];
  }

  void check() throws BtfException {
    for (int id = 1; id < types.size(); id++) {
      types.set(id, withReferences(id));
    }
    for (int id = 1; id < types.size(); id++) {
      if (depth[id] == 0) {
        follow(id);
      }
    }
  }

  /** What stands where a type means nothing. */
  static BtfType nothing(String name) {
    return new BtfType.Struct(name, 0, List.of());
  }

  private static BtfType without(BtfType type) {
    return type instanceof BtfType.Var t
        ? new BtfType.Var(t.name(), 0, t.linkage())
        : nothing(type.name());
  }

  /** The type, without references that lead nowhere. */
  private BtfType withReferences(int id) throws BtfException {
    BtfType type = types.get(id);
    return switch (type) {
      case BtfType.Ptr t -> exists(id, t.type()) ? t : new BtfType.Ptr(0);
      case BtfType.Typedef t -> exists(id, t.type()) ? t : new BtfType.Typedef(t.name(), 0);
      case BtfType.Modifier t -> exists(id, t.type()) ? t : new BtfType.Const(0);
      case BtfType.DeclTag t -> exists(id, t.type()) ? t : nothing(t.name());
      case BtfType.Var t -> exists(id, t.type()) ? t : without(t);
      case BtfType.Array t -> exists(id, t.type()) && exists(id, t.indexType()) ? t : nothing("");
      case BtfType.Composite t -> composite(id, t);
      case BtfType.FuncProto t -> prototype(id, t);
      case BtfType.Func t -> function(id, t);
      case BtfType.Datasec t -> section(id, t);
      default -> type;
    };
  }

  /** Member functions of C++ are members of type void, says clang. */
  private BtfType composite(int id, BtfType.Composite t) throws BtfException {
    List<BtfType.Member> members = new ArrayList<>(t.members().size());
    for (BtfType.Member member : t.members()) {
      if (member.type() == 0) {
        flaw(id, "has a member of type void");
      } else if (exists(id, member.type())) {
        members.add(member);
      }
    }
    if (members.size() == t.members().size()) {
      return t;
    }
    return switch (t) {
      case BtfType.Struct s -> new BtfType.Struct(s.name(), s.size(), List.copyOf(members));
      case BtfType.Union u -> new BtfType.Union(u.name(), u.size(), List.copyOf(members));
    };
  }

  private BtfType prototype(int id, BtfType.FuncProto t) throws BtfException {
    boolean whole = exists(id, t.returnType());
    for (BtfType.Param param : t.params()) {
      whole &= exists(id, param.type());
    }
    return whole ? t : new BtfType.FuncProto(0, List.of(), false);
  }

  private BtfType function(int id, BtfType.Func t) throws BtfException {
    if (!exists(id, t.type())) {
      return new BtfType.Func(t.name(), 0, t.linkage());
    }
    if (!(types.get(t.type()) instanceof BtfType.FuncProto)) {
      flaw(id, "is a function without a prototype");
    }
    return t;
  }

  private BtfType section(int id, BtfType.Datasec t) throws BtfException {
    List<BtfType.Secinfo> variables = new ArrayList<>(t.variables().size());
    for (BtfType.Secinfo variable : t.variables()) {
      if (!exists(id, variable.type())) {
        continue;
      }
      BtfType type = types.get(variable.type());
      if (type instanceof BtfType.Var || type instanceof BtfType.Func) {
        variables.add(variable);
      } else {
        flaw(id, "is a section that lists what is no variable");
      }
    }
    return variables.size() == t.variables().size()
        ? t
        : new BtfType.Datasec(t.name(), t.size(), List.copyOf(variables));
  }

  private boolean exists(int id, int reference) throws BtfException {
    if (reference >= 0 && reference < types.size()) {
      return true;
    }
    flaw(id, "refers to type " + Integer.toUnsignedString(reference) + ", which there is not");
    return false;
  }

  private void follow(int root) throws BtfException {
    int top = 0;
    path[0] = root;
    next[0] = 0;
    depth[root] = -1;
    while (top >= 0) {
      int id = path[top];
      int child = child(types.get(id), next[top]++);
      if (child == 0) {
        finish(id);
        top--;
      } else if (depth[child] == -1) {
        flaw(child, "contains itself");
        leaveOut(id);
        top--;
      } else if (depth[child] == 0 && top == Btf.MAX_NESTING) {
        tooDeep(root);
        leaveOut(id);
        top--;
      } else if (depth[child] == 0) {
        path[++top] = child;
        next[top] = 0;
        depth[child] = -1;
      }
    }
  }

  private void finish(int id) throws BtfException {
    int deepest = 0;
    BtfType type = types.get(id);
    int child;
    for (int i = 0; (child = child(type, i)) != 0; i++) {
      deepest = Math.max(deepest, depth[child]);
    }
    if (deepest >= Btf.MAX_NESTING) {
      tooDeep(id);
      leaveOut(id);
      return;
    }
    depth[id] = (short) (deepest + 1);
  }

  /** The {@code i}th type that {@code type} contains by value; 0 behind the last one. */
  private static int child(BtfType type, int i) {
    return switch (type) {
      case BtfType.Composite t -> i < t.members().size() ? t.members().get(i).type() : 0;
      case BtfType.Datasec t -> i < t.variables().size() ? t.variables().get(i).type() : 0;
      case BtfType.Array t -> i == 0 ? t.type() : 0;
      case BtfType.Modifier t -> i == 0 ? t.type() : 0;
      case BtfType.Var t -> i == 0 ? t.type() : 0;
      default -> 0;
    };
  }

  private void leaveOut(int id) {
    types.set(id, without(types.get(id)));
    depth[id] = 1;
  }

  private void tooDeep(int id) throws BtfException {
    flaw(id, "nests more than " + Btf.MAX_NESTING + " deep");
  }

  private void flaw(int id, String what) throws BtfException {
    flaws.add(offsets.get(id), "type " + id + " " + what);
  }
}
