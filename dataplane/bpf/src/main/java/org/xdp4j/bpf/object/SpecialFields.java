package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.SpecialField;

/** Finds the special fields of a map's value in its type (kernel: btf_parse_fields). */
final class SpecialFields {
  /** Fields looked at, so that no type takes long. */
  private static final int MOST_FIELDS = 1 << 16;

  /** The type tags of such pointers (kernel: btf_find_kptr). */
  private static final Set<String> POINTERS =
      Set.of("kptr", "kptr_untrusted", "percpu_kptr", "uptr");

  private final Btf btf;
  private final List<SpecialField> found = new ArrayList<>();
  private int looked;

  private SpecialFields(Btf btf) {
    this.btf = btf;
  }

  /**
   * The fields of values of type {@code valueBtf}, ascending by offset.
   *
   * @throws LinkException when they are arranged as Linux does not allow
   */
  static List<SpecialField> of(Btf btf, int valueBtf) throws LinkException {
    SpecialFields fields = new SpecialFields(btf);
    if (valueBtf != 0 && btf.resolve(valueBtf) instanceof BtfType.Struct struct) {
      fields.collect(struct, 0);
    }
    return List.copyOf(fields.found);
  }

  private void collect(BtfType.Struct struct, long base) throws LinkException {
    for (BtfType.Member member : struct.members()) {
      checkPointer(member);
      BtfType type = btf.resolve(member.type());
      boolean isArray = false;
      while (type instanceof BtfType.Array array) {
        type = btf.resolve(array.type());
        isArray = true;
      }
      if (++looked > MOST_FIELDS || !(type instanceof BtfType.Struct inner)) {
        continue;
      }
      long offset = base + member.bitOffset() / Byte.SIZE;
      Optional<SpecialField.Kind> kind = SpecialField.Kind.ofStruct(inner.name());
      if (kind.isPresent()) {
        add(kind.get(), offset, isArray);
      } else if (!isArray) {
        collect(inner, offset);
      }
    }
  }

  /** Pointers to kernel objects, which programs could neither make nor follow here. */
  private void checkPointer(BtfType.Member member) throws LinkException {
    if (btf.resolve(member.type()) instanceof BtfType.Ptr pointer
        && btf.type(pointer.type()) instanceof BtfType.TypeTag tag
        && POINTERS.contains(tag.name())) {
      throw new LinkException(
          "'%s' in its value is a %s, a pointer to a kernel object, of which there are none here"
              .formatted(member.name(), tag.name()));
    }
  }

  private void add(SpecialField.Kind kind, long offset, boolean isArray) throws LinkException {
    boolean again = isArray || found.stream().anyMatch(field -> field.kind() == kind);
    if (again && !kind.isRepeatable()) {
      throw new LinkException("its value has more than one struct " + kind.struct());
    }
    if (offset % kind.alignment() != 0) {
      throw new LinkException(
          "its struct %s is not aligned to %d bytes".formatted(kind.struct(), kind.alignment()));
    }
    found.add(new SpecialField(kind, (int) offset));
  }
}
