package org.xdp4j.bpf.object;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * What an instruction gets for a CO-RE relocation.
 *
 * @param number the value itself
 * @param size bytes of the field, where a load's or store's size follows it; else 0
 * @param certain whether the compiler must have computed the same from the same types
 * @param resizable whether a load of another size still reads the field: pointers and unsigned
 *     integers
 */
record CoreValue(long number, int size, boolean certain, boolean resizable) {

  /** Computes what {@code kind} asks of {@code spec}. */
  static CoreValue of(Btf btf, CoreSpec spec, CoreKind kind) throws LinkException {
    return switch (kind) {
      case TYPE_ID_LOCAL, TYPE_ID_TARGET -> plain(spec.root());
      case TYPE_EXISTS, TYPE_MATCHES, ENUMVAL_EXISTS, FIELD_EXISTS -> plain(1);
      case TYPE_SIZE -> plain(size(btf, spec.root()));
      case ENUMVAL_VALUE -> {
        BtfType.Enum type = (BtfType.Enum) btf.type(spec.last().type());
        yield plain(type.values().get(spec.last().index()).value());
      }
      default -> spec.last().name() == null ? element(btf, spec, kind) : field(btf, spec, kind);
    };
  }

  private static CoreValue plain(long number) {
    return new CoreValue(number, 0, true, false);
  }

  private static CoreValue element(Btf btf, CoreSpec spec, CoreKind kind) throws LinkException {
    int type = spec.last().type();
    return switch (kind) {
      case FIELD_BYTE_OFFSET -> offset(btf, spec.bitOffset() / Byte.SIZE, type);
      case FIELD_BYTE_SIZE -> plain(size(btf, type));
      default -> throw new LinkException("a CO-RE relocation that an array element does not take");
    };
  }

  private static CoreValue field(Btf btf, CoreSpec spec, CoreKind kind) throws LinkException {
    BtfType.Composite composite = (BtfType.Composite) btf.type(spec.last().type());
    BtfType.Member member = composite.members().get(spec.last().index());
    int type = btf.strip(member.type());
    if (kind == CoreKind.FIELD_SIGNED) {
      return plain(isSigned(btf.type(type)) ? 1 : 0);
    }
    boolean bitfield = member.bitfieldSize() > 0;
    int bytes = size(btf, type);
    long bits = bitfield ? member.bitfieldSize() : (long) bytes * Byte.SIZE;
    long offset = spec.bitOffset() / Byte.SIZE;
    if (bitfield) {
      bytes = unit(spec.bitOffset(), member.bitfieldSize(), bytes);
      offset = offset / bytes * bytes;
    }
    return switch (kind) {
      case FIELD_BYTE_OFFSET ->
          bitfield ? new CoreValue(offset, 0, false, false) : offset(btf, offset, type);
      case FIELD_BYTE_SIZE -> new CoreValue(bytes, 0, !bitfield, false);
      case FIELD_LSHIFT_U64 ->
          new CoreValue(
              Long.SIZE - (spec.bitOffset() + bits - offset * Byte.SIZE), 0, !bitfield, false);
      case FIELD_RSHIFT_U64 -> new CoreValue(Long.SIZE - bits, 0, !bitfield, false);
      default -> throw new LinkException("a CO-RE relocation that a field does not take");
    };
  }

  /** Bytes of the smallest aligned load that reads the whole bitfield. */
  private static int unit(long bitOffset, int bits, int declared) throws LinkException {
    int bytes = Math.max(1, declared);
    while (bitOffset % ((long) bytes * Byte.SIZE) + bits > (long) bytes * Byte.SIZE) {
      bytes *= 2;
      if (bytes > Long.BYTES) {
        throw new LinkException("a CO-RE relocation of a bitfield that no load can read");
      }
    }
    return bytes;
  }

  /** Of an array the size of an element matters, and that is not one to change. */
  private static CoreValue offset(Btf btf, long offset, int type) {
    int element = type;
    while (btf.type(element) instanceof BtfType.Array array) {
      element = btf.strip(array.type());
    }
    BtfType field = btf.type(type);
    boolean resizable =
        field instanceof BtfType.Ptr || field instanceof BtfType.Int number && !number.signed();
    return new CoreValue(offset, Math.max(0, btf.sizeOf(element)), true, resizable);
  }

  private static boolean isSigned(BtfType type) {
    return type instanceof BtfType.Int number && number.signed()
        || type instanceof BtfType.Enum values && values.signed();
  }

  private static int size(Btf btf, int type) throws LinkException {
    int size = btf.sizeOf(type);
    if (size < 0) {
      throw new LinkException("a CO-RE relocation of a type without size");
    }
    return size;
  }
}
