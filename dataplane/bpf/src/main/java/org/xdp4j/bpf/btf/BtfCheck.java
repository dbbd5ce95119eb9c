package org.xdp4j.bpf.btf;

import java.util.List;

/**
 * Checks that types refer to what they may refer to, and that following them by value ends: no type
 * contains itself, and none nests deeper than {@link Btf#MAX_NESTING}.
 */
final class BtfCheck {
  private final List<BtfType> types;
  private final List<Integer> offsets;

  /** 0: not seen; -1: being followed; else how deep it nests. */
  private final short[] depth;

  /** The path being followed, and which child of each is next. */
  private final int[] path = new int[Btf.MAX_NESTING + 1];

  private final int[] next = new int[Btf.MAX_NESTING + 1];

  BtfCheck(List<BtfType> types, List<Integer> offsets) {
    this.types = types;
    this.offsets = offsets;
    this.depth = new short[types.size()];
  }

  void check() throws BtfException {
    for (int id = 1; id < types.size(); id++) {
      checkReferences(id);
    }
    for (int id = 1; id < types.size(); id++) {
      if (depth[id] == 0) {
        follow(id);
      }
    }
  }

  private void checkReferences(int id) throws BtfException {
    switch (types.get(id)) {
      case BtfType.Ptr t -> exists(id, t.type());
      case BtfType.Modifier t -> exists(id, t.type());
      case BtfType.DeclTag t -> exists(id, t.type());
      case BtfType.Var t -> exists(id, t.type());
      case BtfType.Array t -> {
        exists(id, t.type());
        exists(id, t.indexType());
      }
      case BtfType.Composite t -> {
        for (BtfType.Member member : t.members()) {
          if (exists(id, member.type()) == BtfType.VOID) {
            throw wrong(id, "has a member of type void");
          }
        }
      }
      case BtfType.FuncProto t -> {
        exists(id, t.returnType());
        for (BtfType.Param param : t.params()) {
          exists(id, param.type());
        }
      }
      case BtfType.Func t -> {
        if (!(exists(id, t.type()) instanceof BtfType.FuncProto)) {
          throw wrong(id, "is a function without a prototype");
        }
      }
      case BtfType.Datasec t -> {
        for (BtfType.Secinfo variable : t.variables()) {
          BtfType type = exists(id, variable.type());
          if (!(type instanceof BtfType.Var) && !(type instanceof BtfType.Func)) {
            throw wrong(id, "is a section that lists what is no variable");
          }
        }
      }
      default -> {}
    }
  }

  private BtfType exists(int id, int reference) throws BtfException {
    if (reference < 0 || reference >= types.size()) {
      throw wrong(
          id, "refers to type " + Integer.toUnsignedString(reference) + ", which there is not");
    }
    return types.get(reference);
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
        throw wrong(child, "contains itself");
      } else if (depth[child] == 0) {
        if (++top > Btf.MAX_NESTING) {
          throw tooDeep(root);
        }
        path[top] = child;
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
      throw tooDeep(id);
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

  private BtfException tooDeep(int id) {
    return wrong(id, "nests more than " + Btf.MAX_NESTING + " deep");
  }

  private BtfException wrong(int id, String what) {
    return new BtfException(offsets.get(id), "type " + id + " " + what);
  }
}
