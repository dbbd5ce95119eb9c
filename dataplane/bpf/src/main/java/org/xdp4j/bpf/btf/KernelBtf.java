package org.xdp4j.bpf.btf;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether Linux takes an object's types (kernel/bpf/btf.c, the {@code check_meta} and {@code
 * resolve} of each kind). Types that it does not take are no reason for libbpf to refuse the
 * object: programs and maps are then loaded as if they had none.
 *
 * <p>For types whose references lead somewhere ({@link Btf}), after libbpf has placed the variables
 * and made externs what the kernel takes. What a type's header has to leave empty, as a pointer's
 * name, is not looked at: no compiler fills it.
 */
public final class KernelBtf {
  /** Sections of externs, which libbpf rewrites. */
  private static final Set<String> EXTERNS = Set.of(".ksyms", ".kconfig");

  /** Characters of a name (KSYM_NAME_LEN). */
  private static final int NAME_MAX = 512;

  private static final String DECLARED = "is only declared here";

  private static final int MOST_BITS = 128;
  private static final long MOST_ARRAY = 0xFFFF_FFFFL;

  private final Btf btf;
  private final Set<Integer> rewritten = new HashSet<>();

  private KernelBtf(Btf btf) {
    this.btf = btf;
    for (int id = 1; id < btf.count(); id++) {
      if (btf.type(id) instanceof BtfType.Datasec t && EXTERNS.contains(t.name())) {
        rewritten.add(id);
        t.variables().forEach(variable -> rewritten.add(variable.type()));
      }
    }
  }

  /**
   * Why Linux does not take these types, as what follows "its types are not Linux's: "; or null.
   */
  public static String objection(Btf btf) {
    if (btf.flaw() != null) {
      return btf.flaw();
    }
    KernelBtf check = new KernelBtf(btf);
    for (int id = 1; id < btf.count(); id++) {
      BtfType type = btf.type(id);
      String wrong = check.rewritten.contains(id) ? null : check.objection(type);
      if (wrong != null) {
        String name = type.name().isEmpty() ? "" : " (" + type.name() + ")";
        return "type " + id + name + " " + wrong;
      }
    }
    return null;
  }

  private String objection(BtfType type) {
    return switch (type) {
      case BtfType.Int t -> isOneKind(t) ? null : "has more than one encoding";
      case BtfType.Ptr t -> ofPointer(t);
      case BtfType.Modifier t -> ofModifier(t);
      case BtfType.Array t -> ofArray(t);
      case BtfType.Composite t -> ofComposite(t);
      case BtfType.Enum t -> ofEnum(t);
      case BtfType.Fwd t -> isName(t.name()) ? null : "has no proper name";
      case BtfType.Func t -> ofFunction(t);
      case BtfType.FuncProto t -> ofPrototype(t);
      case BtfType.Var t -> ofVariable(t);
      case BtfType.Datasec t -> ofSection(t);
      case BtfType.Float t ->
          List.of(2, 4, 8, 12, 16).contains(t.size()) ? null : "has no size of a float";
      case BtfType.DeclTag t -> ofTag(t);
      case BtfType.Void t -> null;
    };
  }

  private static boolean isOneKind(BtfType.Int t) {
    int kinds = (t.signed() ? 1 : 0) + (t.character() ? 1 : 0) + (t.bool() ? 1 : 0);
    return kinds <= 1;
  }

  /** A letter or one of {@code _.}, and then digits too. */
  private static boolean isName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '.';
      if (!letter && (i == 0 || c < '0' || c > '9')) {
        return false;
      }
    }
    return !name.isEmpty() && name.length() <= NAME_MAX;
  }

  private static boolean isNameOrNone(String name) {
    return name.isEmpty() || isName(name);
  }

  /** Whether nothing may refer to it but what says something about it. */
  private boolean isDescription(int id) {
    return switch (btf.type(id)) {
      case BtfType.Var t -> true;
      case BtfType.Datasec t -> true;
      case BtfType.DeclTag t -> true;
      default -> false;
    };
  }

  /** Whether values of the type have a size. */
  private boolean isSized(int id) {
    if (isDescription(id)) {
      return false;
    }
    return switch (btf.resolve(id)) {
      case BtfType.Int t -> true;
      case BtfType.Ptr t -> true;
      case BtfType.Composite t -> true;
      case BtfType.Enum t -> true;
      case BtfType.Float t -> true;
      case BtfType.Array t -> true;
      default -> false;
    };
  }

  private boolean isPointee(int id) {
    return isSized(id)
        || switch (btf.resolve(id)) {
          case BtfType.Void t -> true;
          case BtfType.Fwd t -> true;
          case BtfType.FuncProto t -> true;
          default -> false;
        };
  }

  private String ofPointer(BtfType.Ptr t) {
    if (!isPointee(t.type())) {
      return "points at what is no type of a value";
    }
    BtfType next = t;
    for (int steps = 0; steps < btf.count(); steps++) {
      switch (next) {
        case BtfType.Ptr p -> next = btf.type(p.type());
        case BtfType.Modifier m -> next = btf.type(m.type());
        default -> {
          return null;
        }
      }
    }
    return "points at itself";
  }

  private String ofModifier(BtfType.Modifier t) {
    if (t instanceof BtfType.Typedef && !isName(t.name())) {
      return "has no proper name";
    }
    if (t instanceof BtfType.TypeTag && t.name().isEmpty()) {
      return "is an empty tag";
    }
    if (!isPointee(t.type())) {
      return "stands for what is no type of a value";
    }
    boolean tags = t instanceof BtfType.TypeTag;
    for (BtfType next = t; next instanceof BtfType.Modifier m; next = btf.type(m.type())) {
      if (m instanceof BtfType.TypeTag && !tags) {
        return "is a qualifier before a tag";
      }
      tags &= m instanceof BtfType.TypeTag;
    }
    return null;
  }

  private static boolean isRegular(BtfType.Int t) {
    int bytes = t.bits() / 8;
    return t.bits() % 8 == 0
        && t.bitOffset() == 0
        && bytes >= 1
        && bytes <= 16
        && Integer.bitCount(bytes) == 1;
  }

  private String ofArray(BtfType.Array t) {
    boolean indexed =
        isSized(t.indexType())
            && btf.resolve(t.indexType()) instanceof BtfType.Int index
            && isRegular(index);
    if (!indexed) {
      return "has an index that is no integer";
    }
    if (!isSized(t.type()) || btf.resolve(t.type()) instanceof BtfType.Int i && !isRegular(i)) {
      return "has elements of no size";
    }
    return arraySize(t) <= MOST_ARRAY ? null : "is larger than 4 GiB";
  }

  private long arraySize(BtfType.Array t) {
    long element =
        btf.resolve(t.type()) instanceof BtfType.Array inner
            ? arraySize(inner)
            : btf.sizeOf(t.type());
    return t.count() == 0 || element <= MOST_ARRAY / t.count()
        ? element * t.count()
        : MOST_ARRAY + 1;
  }

  private String ofComposite(BtfType.Composite t) {
    if (!isNameOrNone(t.name())) {
      return "has no proper name";
    }
    boolean bitfields = t.members().stream().anyMatch(m -> m.bitfieldSize() > 0);
    long last = 0;
    for (BtfType.Member member : t.members()) {
      boolean placed =
          member.bitOffset() >= last
              && (member.bitOffset() + 7) / 8 <= t.size()
              && (t instanceof BtfType.Struct || member.bitOffset() == 0);
      last = member.bitOffset();
      if (!isNameOrNone(member.name())) {
        return "has a member without a proper name";
      }
      if (!placed || !isSized(member.type()) || !fits(member, t.size(), bitfields)) {
        return "has a member, %s, that does not fit".formatted(member.name());
      }
    }
    return null;
  }

  private boolean fits(BtfType.Member member, int size, boolean bitfields) {
    long at = member.bitOffset();
    int bits = member.bitfieldSize();
    return switch (btf.resolve(member.type())) {
      case BtfType.Int t when bitfields ->
          isRegular(t)
              && (bits == 0 ? at % 8 == 0 : bits <= t.bits())
              && ends(at, bits == 0 ? t.bits() : bits, size);
      case BtfType.Int t -> ends(at + t.bitOffset(), t.bits(), size);
      case BtfType.Enum t when bitfields ->
          (bits == 0 ? at % 8 == 0 : bits <= Integer.SIZE)
              && (at + (bits == 0 ? Integer.SIZE : bits) + 7) / 8 <= size;
      case BtfType.Float t ->
          bits == 0 && at % (8L * Math.min(Long.BYTES, t.size())) == 0 && ends(at, t, size);
      case BtfType t -> bits == 0 && at % 8 == 0 && ends(at, t, size);
    };
  }

  private static boolean ends(long at, int bits, int size) {
    long copied = bits + at % 8;
    return copied <= MOST_BITS && at / 8 + (copied + 7) / 8 <= size;
  }

  private boolean ends(long at, BtfType type, int size) {
    long bytes =
        switch (type) {
          case BtfType.Array t -> arraySize(t);
          case BtfType.Composite t -> t.size();
          case BtfType.Enum t -> t.size();
          case BtfType.Float t -> t.size();
          default -> Long.BYTES;
        };
    return at / 8 + bytes <= size;
  }

  private static String ofEnum(BtfType.Enum t) {
    boolean named = isNameOrNone(t.name()) && t.values().stream().allMatch(v -> isName(v.name()));
    return named ? null : "has a value without a proper name";
  }

  private String ofFunction(BtfType.Func t) {
    if (!isName(t.name())) {
      return "has no proper name";
    }
    if (t.linkage() == BtfType.Linkage.EXTERN) {
      return DECLARED;
    }
    BtfType.FuncProto prototype = (BtfType.FuncProto) btf.type(t.type());
    boolean named = prototype.params().stream().noneMatch(p -> p.name().isEmpty() && p.type() != 0);
    return named ? null : "is a function with a parameter that has no name";
  }

  private String ofPrototype(BtfType.FuncProto t) {
    if (t.returnType() != 0 && !isSized(t.returnType())) {
      return "returns what has no size";
    }
    for (BtfType.Param parameter : t.params()) {
      if (!isSized(parameter.type()) || !isNameOrNone(parameter.name())) {
        return "has a parameter of no size";
      }
    }
    return null;
  }

  private String ofVariable(BtfType.Var t) {
    if (t.linkage() == BtfType.Linkage.EXTERN) {
      return DECLARED;
    }
    return isName(t.name()) && isSized(t.type()) ? null : "is no proper variable";
  }

  private String ofSection(BtfType.Datasec t) {
    boolean named = !t.name().isEmpty() && t.name().chars().allMatch(c -> c >= ' ' && c <= '~');
    if (!named || t.name().length() > NAME_MAX || t.size() == 0) {
      return "is a section of no size";
    }
    long end = 0;
    for (BtfType.Secinfo variable : t.variables()) {
      long at = Integer.toUnsignedLong(variable.offset());
      long size = Integer.toUnsignedLong(variable.size());
      if (at < end || size == 0 || at + size > t.size()) {
        return "is a section with a variable that does not fit";
      }
      end = at + size;
      if (!(btf.type(variable.type()) instanceof BtfType.Var held)
          || size < btf.sizeOf(held.type())) {
        return "is a section with a piece of a variable, %s, which the optimizer took apart"
            .formatted(btf.type(variable.type()).name());
      }
    }
    return null;
  }

  private String ofTag(BtfType.DeclTag t) {
    long parts =
        switch (btf.type(t.type())) {
          case BtfType.Composite of -> of.members().size();
          case BtfType.Func of -> parameters(of);
          case BtfType.Var of -> 0;
          case BtfType.Typedef of -> 0;
          default -> -1;
        };
    boolean proper = parts >= 0 && t.component() >= -1 && t.component() < parts;
    return proper && !t.name().isEmpty() ? null : "is a tag of nothing";
  }

  private long parameters(BtfType.Func function) {
    BtfType.FuncProto prototype = (BtfType.FuncProto) btf.type(function.type());
    return prototype.params().size() + (prototype.variadic() ? 1 : 0);
  }
}
