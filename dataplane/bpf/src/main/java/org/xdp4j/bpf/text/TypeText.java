package org.xdp4j.bpf.text;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/** Names of types as C has them: {@code struct rule}, {@code __u32}, {@code char[16]}. */
public final class TypeText {
  /** Further down a type's name is not worth reading, and a forged one may have no end. */
  private static final int MOST_STEPS = 16;

  private TypeText() {}

  /** The name of the type with this id; {@code ?} when it is not known. */
  public static String name(Btf btf, int type) {
    return type == 0 || !btf.contains(type) ? "?" : name(btf, type, MOST_STEPS);
  }

  private static String name(Btf btf, int id, int steps) {
    if (steps == 0) {
      return "...";
    }
    BtfType type = btf.type(id);
    return switch (type) {
      case BtfType.Void t -> "void";
      case BtfType.Struct t -> "struct" + named(t);
      case BtfType.Union t -> "union" + named(t);
      case BtfType.Enum t -> "enum" + named(t);
      case BtfType.Fwd t -> (t.union() ? "union" : "struct") + named(t);
      case BtfType.Datasec t -> "variables of " + t.name();
      case BtfType.Typedef t -> t.name();
      case BtfType.Modifier t -> name(btf, t.type(), steps - 1);
      case BtfType.Array t -> name(btf, t.type(), steps - 1) + "[" + t.count() + "]";
      case BtfType.Ptr t -> name(btf, t.type(), steps - 1) + " *";
      default -> type.name();
    };
  }

  private static String named(BtfType type) {
    return type.name().isEmpty() ? "" : " " + type.name();
  }
}
