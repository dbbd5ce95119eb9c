package org.xdp4j.bpf.object;

/** {@code enum bpf_core_relo_kind} (linux/bpf.h), by its numbers. */
enum CoreKind {
  FIELD_BYTE_OFFSET,
  FIELD_BYTE_SIZE,
  FIELD_EXISTS,
  FIELD_SIGNED,
  FIELD_LSHIFT_U64,
  FIELD_RSHIFT_U64,
  TYPE_ID_LOCAL,
  TYPE_ID_TARGET,
  TYPE_EXISTS,
  TYPE_SIZE,
  ENUMVAL_EXISTS,
  ENUMVAL_VALUE,
  TYPE_MATCHES;

  private static final CoreKind[] ALL = values();

  static CoreKind of(int number) throws LinkException {
    if (number < 0 || number >= ALL.length) {
      throw new LinkException("a CO-RE relocation of unknown kind " + number);
    }
    return ALL[number];
  }

  boolean isField() {
    return ordinal() <= FIELD_RSHIFT_U64.ordinal();
  }

  boolean isEnumerator() {
    return this == ENUMVAL_EXISTS || this == ENUMVAL_VALUE;
  }

  /**
   * Whether the compiler must have put the own type's answer into the instruction. Ids of types
   * change as objects are linked.
   */
  boolean isCertain() {
    return this != FIELD_EXISTS && this != TYPE_ID_LOCAL && this != TYPE_ID_TARGET;
  }

  /** Whether it has an answer, 0, even when there is nothing to relocate to. */
  boolean isAnsweredByAbsence() {
    return switch (this) {
      case FIELD_EXISTS, TYPE_ID_TARGET, TYPE_EXISTS, TYPE_SIZE, ENUMVAL_EXISTS, TYPE_MATCHES ->
          true;
      default -> false;
    };
  }
}
