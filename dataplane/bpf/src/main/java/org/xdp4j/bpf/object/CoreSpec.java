package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfExt;
import org.xdp4j.bpf.btf.BtfType;

/**
 * What a CO-RE relocation names: a type, one of its enumerators, or the way from it to a field.
 *
 * @param root BTF id of the type the way begins at
 * @param steps the way; empty for a type
 * @param bitOffset of the field from the beginning of {@code root}
 */
record CoreSpec(int root, List<Step> steps, long bitOffset) {
  private static final int MAX_STEPS = 64;
  private static final int MAX_DIGITS = 9;

  /**
   * A step of the way.
   *
   * @param type for a member or an enumerator the type that has it; for an array access the type of
   *     the element
   * @param index of the member, enumerator or element
   * @param name of the member or enumerator, null for an array access
   */
  record Step(int type, int index, String name) {}

  Step last() {
    return steps.getLast();
  }

  /** What {@code relocation} says of the object's own types. */
  static CoreSpec parse(Btf btf, BtfExt.CoreRelocation relocation, CoreKind kind)
      throws LinkException {
    int root = relocation.type();
    int[] access = numbers(relocation.access());
    if (kind.isField()) {
      return field(btf, root, access);
    }
    if (access.length != 1 || !kind.isEnumerator() && access[0] != 0) {
      throw malformed(relocation.access());
    }
    return kind.isEnumerator()
        ? enumerator(btf, root, access[0])
        : new CoreSpec(root, List.of(), 0);
  }

  private static CoreSpec enumerator(Btf btf, int root, int index) throws LinkException {
    if (!(btf.resolve(root) instanceof BtfType.Enum type) || index >= type.values().size()) {
      throw new LinkException("a CO-RE relocation of an enumerator that its type has not");
    }
    return new CoreSpec(
        root, List.of(new Step(btf.strip(root), index, type.values().get(index).name())), 0);
  }

  private static CoreSpec field(Btf btf, int root, int[] access) throws LinkException {
    List<Step> steps = new ArrayList<>();
    int type = btf.strip(root);
    steps.add(new Step(type, access[0], null));
    long bits = bits(btf, type, access[0]);
    for (int i = 1; i < access.length; i++) {
      int index = access[i];
      switch (btf.type(type)) {
        case BtfType.Composite t when index < t.members().size() -> {
          BtfType.Member member = t.members().get(index);
          bits += member.bitOffset();
          if (!member.name().isEmpty()) {
            steps.add(new Step(type, index, member.name()));
          }
          type = btf.strip(member.type());
        }
        case BtfType.Array t when index < t.count() || isFlexible(btf, steps, t) -> {
          type = btf.strip(t.type());
          bits += bits(btf, type, index);
          steps.add(new Step(type, index, null));
        }
        default -> throw new LinkException("a CO-RE relocation of a field that its type has not");
      }
    }
    return new CoreSpec(root, List.copyOf(steps), bits);
  }

  /**
   * Whether an array at the end of {@code steps} ends its structure, and has no size of its own.
   */
  static boolean isFlexible(Btf btf, List<Step> steps, BtfType.Array array) {
    Step member = steps.getLast();
    return array.count() == 0
        && member.name() != null
        && btf.type(member.type()) instanceof BtfType.Composite composite
        && member.index() == composite.members().size() - 1;
  }

  static long bits(Btf btf, int type, int index) throws LinkException {
    int size = btf.sizeOf(type);
    if (size < 0 && index != 0) {
      throw new LinkException("a CO-RE relocation of an element without size");
    }
    return size < 0 ? 0 : (long) size * index * Byte.SIZE;
  }

  private static int[] numbers(String access) throws LinkException {
    int[] numbers = new int[MAX_STEPS];
    int count = 0;
    int begin = 0;
    while (begin <= access.length()) {
      int colon = access.indexOf(':', begin);
      int end = colon < 0 ? access.length() : colon;
      if (count == MAX_STEPS) {
        throw malformed(access);
      }
      numbers[count++] = number(access, begin, end);
      begin = end + 1;
    }
    return Arrays.copyOf(numbers, count);
  }

  private static int number(String access, int begin, int end) throws LinkException {
    if (begin == end || end - begin > MAX_DIGITS) {
      throw malformed(access);
    }
    int number = 0;
    for (int i = begin; i < end; i++) {
      int digit = access.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw malformed(access);
      }
      number = number * 10 + digit;
    }
    return number;
  }

  private static LinkException malformed(String access) {
    return new LinkException("a CO-RE relocation with the malformed access '" + access + "'");
  }
}
