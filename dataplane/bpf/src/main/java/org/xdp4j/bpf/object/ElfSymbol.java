package org.xdp4j.bpf.object;

/**
 * One row of the symbol table (ELF-64, {@code Elf64_Sym}).
 *
 * @param section the number of the section it lies in, or {@link #UNDEFINED}, {@link #ABSOLUTE},
 *     {@link #COMMON}
 * @param value bytes from the section's beginning; it and {@code size} are within the section
 */
record ElfSymbol(
    String name, int type, int binding, int visibility, int section, long value, long size) {
  static final int UNDEFINED = 0;
  static final int ABSOLUTE = 0xfff1;
  static final int COMMON = 0xfff2;

  private static final int TYPE_NONE = 0;
  private static final int TYPE_OBJECT = 1;
  private static final int TYPE_FUNCTION = 2;
  private static final int TYPE_SECTION = 3;
  private static final int BINDING_LOCAL = 0;
  private static final int BINDING_WEAK = 2;
  private static final int VISIBILITY_DEFAULT = 0;
  private static final int VISIBILITY_PROTECTED = 3;

  boolean isFunction() {
    return type == TYPE_FUNCTION;
  }

  boolean isSection() {
    return type == TYPE_SECTION;
  }

  boolean isUntyped() {
    return type == TYPE_NONE;
  }

  /** Whether it may name a variable: old compilers gave symbols no type. */
  boolean isVariable() {
    return type == TYPE_OBJECT || type == TYPE_NONE;
  }

  boolean isLocal() {
    return binding == BINDING_LOCAL;
  }

  boolean isWeak() {
    return binding == BINDING_WEAK;
  }

  /** Whether other objects see it: libbpf takes hidden functions as static ones. */
  boolean isExported() {
    return !isLocal() && (visibility == VISIBILITY_DEFAULT || visibility == VISIBILITY_PROTECTED);
  }

  /** Whether the object uses it and does not define it. */
  boolean isExtern() {
    return section == UNDEFINED && !isLocal();
  }
}
