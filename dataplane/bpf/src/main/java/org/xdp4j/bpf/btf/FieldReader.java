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
          long bit = Integer.toUnsignedLong(v.offset()) * Byte.SIZE;
          add(new BtfType.Member(btf.type(v.type()).name(), v.type(), bit, 0), 0);
        }
      }
      case BtfType.Struct struct -> members(struct, 0);
      default -> {
        // A lone value has no parts.
      }
    }
    return fields;
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
      fields.add(new BtfPrinter.Field(member.name(), writer.toString(), isZero(member, at)));
    }
  }

  private boolean isZero(BtfType.Member member, long begin) {
    long bits =
        member.bitfieldSize() > 0
            ? member.bitfieldSize()
            : Math.max(0, (long) btf.sizeOf(member.type()) * Byte.SIZE);
    long end = Math.min(begin + bits, (long) value.length * Byte.SIZE);
    for (long bit = Math.max(0, begin); bit < end; bit++) {
      if ((value[(int) (bit / Byte.SIZE)] >>> bit % Byte.SIZE & 1) != 0) {
        return false;
      }
    }
    return true;
  }
}
