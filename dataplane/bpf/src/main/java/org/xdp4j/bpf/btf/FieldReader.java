package org.xdp4j.bpf.btf;

import java.util.ArrayList;
import java.util.List;

/** Takes a struct's value, or a section's, apart. */
final class FieldReader {
  /** A forged type may have more members than bytes; a real one does not come near this. */
  private static final int MOST = 1 << 12;

  private final Btf btf;
  private final byte[] value;
  private final List<BtfPrinter.Field> fields = new ArrayList<>();

  FieldReader(Btf btf, byte[] value) {
    this.btf = btf;
    this.value = value;
  }

  List<BtfPrinter.Field> read(int type) {
    switch (btf.resolve(type)) {
      case BtfType.Datasec section -> {
        for (BtfType.Secinfo v : section.variables()) {
          variable(v);
        }
      }
      case BtfType.Struct struct -> members(struct, 0);
      default -> {
        // A lone value has no parts.
      }
    }
    return fields;
  }

  private void variable(BtfType.Secinfo variable) {
    if (fields.size() < MOST) {
      ValueWriter writer = new ValueWriter(btf, value, false);
      writer.variable(variable);
      long size = variable.isPiece(btf) ? variable.size() : btf.sizeOf(variable.type());
      long begin = Integer.toUnsignedLong(variable.offset()) * Byte.SIZE;
      boolean zero = isZero(begin, Math.max(0, size) * Byte.SIZE);
      fields.add(new BtfPrinter.Field(btf.type(variable.type()).name(), writer.toString(), zero));
    }
  }

  private void members(BtfType.Composite composite, long bit) {
    for (BtfType.Member member : composite.members()) {
      if (!member.name().isEmpty()) {
        add(member, bit);
      } else if (btf.resolve(member.type()) instanceof BtfType.Composite anonymous) {
        members(anonymous, bit + member.bitOffset());
      }
    }
  }

  private void add(BtfType.Member member, long bit) {
    if (fields.size() < MOST) {
      ValueWriter writer = new ValueWriter(btf, value, false);
      long at = bit + member.bitOffset();
      writer.member(member, at);
      long bits =
          member.bitfieldSize() > 0
              ? member.bitfieldSize()
              : Math.max(0, (long) btf.sizeOf(member.type()) * Byte.SIZE);
      fields.add(new BtfPrinter.Field(member.name(), writer.toString(), isZero(at, bits)));
    }
  }

  private boolean isZero(long begin, long bits) {
    long end = Math.min(begin + bits, (long) value.length * Byte.SIZE);
    for (long bit = Math.max(0, begin); bit < end; bit++) {
      if ((value[(int) (bit / Byte.SIZE)] >>> bit % Byte.SIZE & 1) != 0) {
        return false;
      }
    }
    return true;
  }
}
