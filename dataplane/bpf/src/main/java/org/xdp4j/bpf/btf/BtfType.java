package org.xdp4j.bpf.btf;

import java.util.List;

/** One type of {@link Btf} (Documentation/bpf/btf.rst, section 2.2). References are type ids. */
public sealed interface BtfType {
  /** The type of id 0. */
  Void VOID = new Void();

  /** Its name; empty when it has none. */
  default String name() {
    return "";
  }

  /** {@code struct} and {@code union}. */
  sealed interface Composite extends BtfType {
    /** Bytes. */
    int size();

    /** In the order of declaration. */
    List<Member> members();
  }

  /** A type that adds nothing to the layout of the one it stands for. */
  sealed interface Modifier extends BtfType {
    /** The type it stands for. */
    int type();
  }

  /** {@code void}. */
  record Void() implements BtfType {}

  /**
   * {@code BTF_KIND_INT}.
   *
   * @param size bytes
   * @param bitOffset where the value begins within them (old compilers' bitfields)
   * @param bits of the value
   */
  record Int(
      String name,
      int size,
      boolean signed,
      boolean character,
      boolean bool,
      int bitOffset,
      int bits)
      implements BtfType {}

  /** {@code BTF_KIND_PTR}. */
  record Ptr(int type) implements BtfType {}

  /**
   * {@code BTF_KIND_ARRAY}.
   *
   * @param count elements, unsigned 32 bits
   */
  record Array(int type, int indexType, long count) implements BtfType {}

  /** {@code BTF_KIND_STRUCT}. */
  record Struct(String name, int size, List<Member> members) implements Composite {}

  /** {@code BTF_KIND_UNION}. */
  record Union(String name, int size, List<Member> members) implements Composite {}

  /**
   * A field.
   *
   * @param bitOffset from the beginning of the composite
   * @param bitfieldSize bits when it is a bitfield, else 0
   */
  record Member(String name, int type, long bitOffset, int bitfieldSize) {}

  /**
   * {@code BTF_KIND_ENUM} and {@code BTF_KIND_ENUM64}.
   *
   * @param size bytes
   * @param wide whether it is an ENUM64
   */
  record Enum(String name, int size, boolean signed, boolean wide, List<Enumerator> values)
      implements BtfType {}

  /** A named value, sign-extended when its enum is signed and zero-extended when not. */
  record Enumerator(String name, long value) {}

  /** {@code BTF_KIND_FWD}: a struct or union that is only declared. */
  record Fwd(String name, boolean union) implements BtfType {}

  /** {@code BTF_KIND_TYPEDEF}. */
  record Typedef(String name, int type) implements Modifier {}

  /** {@code BTF_KIND_VOLATILE}. */
  record Volatile(int type) implements Modifier {}

  /** {@code BTF_KIND_CONST}. */
  record Const(int type) implements Modifier {}

  /** {@code BTF_KIND_RESTRICT}. */
  record Restrict(int type) implements Modifier {}

  /** {@code BTF_KIND_TYPE_TAG}. */
  record TypeTag(String name, int type) implements Modifier {}

  /** How far a variable or function is seen. */
  enum Linkage {
    STATIC,
    GLOBAL,
    EXTERN
  }

  /**
   * {@code BTF_KIND_FUNC}.
   *
   * @param type its {@link FuncProto}
   */
  record Func(String name, int type, Linkage linkage) implements BtfType {}

  /**
   * {@code BTF_KIND_FUNC_PROTO}.
   *
   * @param returnType 0 for void
   * @param variadic whether {@code ...} follows the parameters
   */
  record FuncProto(int returnType, List<Param> params, boolean variadic) implements BtfType {}

  /** A parameter. */
  record Param(String name, int type) {}

  /** {@code BTF_KIND_VAR}. */
  record Var(String name, int type, Linkage linkage) implements BtfType {}

  /**
   * {@code BTF_KIND_DATASEC}: an ELF section.
   *
   * @param size bytes; clang leaves 0 here and the object's reader fills it in
   */
  record Datasec(String name, int size, List<Secinfo> variables) implements BtfType {}

  /**
   * Where a variable lies.
   *
   * @param type its {@link Var}, or {@link Func} in {@code .ksyms}
   * @param offset bytes from the section's beginning, unsigned
   * @param size bytes, unsigned
   */
  record Secinfo(int type, int offset, int size) {
    /**
     * Whether this is only a piece of what its type says: optimizers of clang take static variables
     * apart, and each piece, named {@code counters.0} and so on, keeps the whole one's type.
     */
    public boolean isPiece(Btf btf) {
      return size > 0 && size < btf.sizeOf(type);
    }
  }

  /** {@code BTF_KIND_FLOAT}. */
  record Float(String name, int size) implements BtfType {}

  /**
   * {@code BTF_KIND_DECL_TAG}.
   *
   * @param type what is tagged
   * @param component the member or parameter, -1 for the whole
   */
  record DeclTag(String name, int type, int component) implements BtfType {}
}
