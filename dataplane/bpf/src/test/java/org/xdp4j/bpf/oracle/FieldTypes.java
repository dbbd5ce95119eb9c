package org.xdp4j.bpf.oracle;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.btf.BtfBuilder;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.SpecialField;

/** Types that tell the kernel of a map's special fields: an int as key, a struct as value. */
final class FieldTypes {
  /** Ids in {@link #bytes}. */
  static final int KEY = 1;

  private final BtfBuilder builder = new BtfBuilder();
  private final int value;

  FieldTypes(MapSpec spec) {
    builder.integer("int", 4, true);
    int character = builder.integer("char", 1, true);
    int word = builder.integer("unsigned long", 8, false);
    int half = builder.integer("unsigned int", 4, false);
    List<Object> members = new ArrayList<>();
    int end = 0;
    for (SpecialField field : spec.fields()) {
      pad(members, character, end, field.offset());
      int size = field.kind().size();
      int opaque =
          size % Long.BYTES == 0
              ? builder.array(word, size / Long.BYTES)
              : builder.array(half, size / Integer.BYTES);
      int struct = builder.struct(field.kind().struct(), field.kind().size(), "opaque", opaque, 0);
      members.addAll(List.of("field" + end, struct, field.offset() * Byte.SIZE));
      end = field.offset() + field.kind().size();
    }
    pad(members, character, end, spec.valueSize());
    value = builder.struct("value", spec.valueSize(), members.toArray());
  }

  private void pad(List<Object> members, int character, int from, int to) {
    if (from < to) {
      int bytes = builder.array(character, to - from);
      members.addAll(List.of("bytes" + from, bytes, from * Byte.SIZE));
    }
  }

  int value() {
    return value;
  }

  byte[] bytes() {
    return builder.btf();
  }
}
