package org.xdp4j.bpf.generate;

/**
 * What a register or stack slot of a program being written holds, as far as the writer needs it to
 * go on sensibly.
 *
 * @param map for maps and their values: the index in {@link WorldMaps}
 * @param most for a number its greatest value, for a pointer that of its variable part; -1: unknown
 * @param offset the known part of a pointer's offset
 * @param proved for packet pointers: bytes from {@code id}'s base that were checked
 * @param id pointers from the same base, or NULL together
 */
record Holding(Kind kind, int map, long most, int offset, int proved, int id) {
  enum Kind {
    NOTHING,
    NUMBER,
    CONTEXT,
    PACKET,
    META,
    END,
    STACK,
    OUTER_STACK,
    MAYBE_VALUE,
    VALUE,
    MAYBE_MAP,
    INNER_MAP,
    KEY,
    ARENA
  }

  static final Holding NOTHING = of(Kind.NOTHING);
  static final Holding NUMBER = number(-1);
  static final Holding CONTEXT = of(Kind.CONTEXT);

  static Holding of(Kind kind) {
    return new Holding(kind, -1, 0, 0, 0, 0);
  }

  static Holding number(long most) {
    return new Holding(Kind.NUMBER, -1, most, 0, 0, 0);
  }

  static Holding ofMap(Kind kind, int map, int id) {
    return new Holding(kind, map, 0, 0, 0, id);
  }

  boolean is(Kind other) {
    return kind == other;
  }

  boolean isNumber() {
    return kind == Kind.NUMBER;
  }

  /** Whether it is a number of at most {@code limit}. */
  boolean isSmall(long limit) {
    return kind == Kind.NUMBER && most >= 0 && most <= limit;
  }

  Holding moved(int by) {
    return new Holding(kind, map, most, offset + by, proved, id);
  }

  Holding withVariable(long more, int newId) {
    return new Holding(kind, map, most + more, offset, 0, newId);
  }

  Holding withProved(int bytes) {
    return new Holding(kind, map, most, offset, bytes, id);
  }

  Holding as(Kind other) {
    return new Holding(other, map, most, offset, proved, id);
  }
}
