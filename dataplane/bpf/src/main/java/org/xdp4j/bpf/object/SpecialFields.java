package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.ObjectType;
import org.xdp4j.bpf.map.SpecialField;
import org.xdp4j.bpf.map.SpecialField.Kind;

/**
 * Finds the special fields of a map's value, of a section of variables or of an allocated object in
 * its type (kernel: btf_parse_fields).
 */
final class SpecialFields {
  /** Fields looked at, so that no type takes long. */
  private static final int MOST_FIELDS = 1 << 16;

  /** Special fields of one value (kernel: BTF_FIELDS_MAX). */
  private static final int MOST_SPECIAL = 11;

  private static final String CONTAINS = "contains:";

  private static final Set<Kind> IN_VALUES =
      EnumSet.complementOf(EnumSet.of(Kind.LIST_NODE, Kind.RB_NODE));
  private static final Set<Kind> IN_OBJECTS =
      EnumSet.complementOf(EnumSet.of(Kind.TIMER, Kind.WORK_QUEUE));

  /**
   * Structs of the kernel's own: a pointer to one of these names leads to an object of the kernel,
   * to any other name to one that a program allocates.
   */
  private static final Set<String> OF_KERNEL =
      Set.of(
          "task_struct",
          "cgroup",
          "cpumask",
          "bpf_cpumask",
          "bpf_crypto_ctx",
          "nf_conn",
          "xfrm_state",
          "sock",
          "sk_buff",
          "file",
          "inode",
          "dentry",
          "cred",
          "net_device");

  /** Those of them that map values may own (kernel: register_btf_id_dtor_kfuncs). */
  private static final Set<String> COUNTED =
      Set.of("task_struct", "cgroup", "bpf_cpumask", "bpf_crypto_ctx");

  private final ObjectTypes types;
  private final Btf btf;
  private final Set<Kind> wanted;
  private final List<SpecialField> found = new ArrayList<>();
  private int looked;

  private SpecialFields(ObjectTypes types, Set<Kind> wanted) {
    this.types = types;
    this.btf = types.btf();
    this.wanted = wanted;
  }

  /**
   * The fields of values of type {@code valueBtf}, ascending by offset.
   *
   * @throws LinkException when they are arranged as Linux does not allow
   */
  static List<SpecialField> ofValue(ObjectTypes types, int valueBtf) throws LinkException {
    SpecialFields fields = new SpecialFields(types, IN_VALUES);
    switch (valueBtf == 0 ? BtfType.VOID : types.btf().resolve(valueBtf)) {
      case BtfType.Struct struct -> fields.collect(types.btf().strip(valueBtf), struct, 0);
      case BtfType.Datasec section -> fields.collect(section);
      default -> {
        // Numbers and pointers are no special fields.
      }
    }
    return fields.finish();
  }

  /** The fields of objects of the struct {@code id}. */
  static List<SpecialField> ofObject(ObjectTypes types, int id) throws LinkException {
    SpecialFields fields = new SpecialFields(types, IN_OBJECTS);
    fields.collect(id, (BtfType.Struct) types.btf().type(id), 0);
    return fields.finish();
  }

  private List<SpecialField> finish() throws LinkException {
    found.sort(Comparator.comparingInt(SpecialField::offset));
    boolean locked = has(Kind.SPIN_LOCK) || has(Kind.RES_SPIN_LOCK);
    if (has(Kind.SPIN_LOCK) && has(Kind.RES_SPIN_LOCK)) {
      throw new LinkException("it has both a struct bpf_spin_lock and a struct bpf_res_spin_lock");
    }
    if ((has(Kind.LIST_HEAD) || has(Kind.RB_ROOT)) && !locked) {
      throw new LinkException(
          "its %s has no struct bpf_spin_lock beside it, which must be held to use it"
              .formatted(has(Kind.LIST_HEAD) ? "struct bpf_list_head" : "struct bpf_rb_root"));
    }
    if (has(Kind.LIST_NODE) && has(Kind.RB_NODE) && !has(Kind.REFCOUNT)) {
      throw new LinkException(
          "it has both a struct bpf_list_node and a struct bpf_rb_node, so it needs a struct"
              + " bpf_refcount");
    }
    boolean isNode = has(Kind.LIST_NODE) || has(Kind.RB_NODE);
    for (SpecialField field : found) {
      if (isNode && field.kind().isRoot() && holdsRoots(field.target().btfId(), 0)) {
        throw new LinkException(
            "objects in its lists and trees hold lists or trees again, which Linux allows one level"
                + " deep only");
      }
    }
    return List.copyOf(found);
  }

  private boolean has(Kind kind) {
    return found.stream().anyMatch(field -> field.kind() == kind);
  }

  /** Asked of the struct itself, whose fields may just be being found. */
  private boolean holdsRoots(int id, int depth) {
    if (!(btf.resolve(id) instanceof BtfType.Struct struct) || depth > MOST_SPECIAL) {
      return false;
    }
    return struct.members().stream()
        .anyMatch(
            member ->
                Kind.ofStruct(btf.resolve(member.type()).name()).filter(Kind::isRoot).isPresent()
                    || holdsRoots(member.type(), depth + 1));
  }

  private void collect(BtfType.Datasec section) throws LinkException {
    for (BtfType.Secinfo info : section.variables()) {
      if (btf.type(info.type()) instanceof BtfType.Var variable) {
        field(info.type(), -1, variable.type(), Integer.toUnsignedLong(info.offset()));
      }
    }
  }

  private void collect(int id, BtfType.Struct struct, long base) throws LinkException {
    int component = 0;
    for (BtfType.Member member : struct.members()) {
      field(id, component++, member.type(), base + member.bitOffset() / Byte.SIZE);
    }
  }

  /**
   * One member or variable.
   *
   * @param owner the struct it is a member of, or the variable
   * @param component which member, -1 for a variable
   */
  private void field(int owner, int component, int type, long offset) throws LinkException {
    int element = type;
    long count = 1;
    while (btf.resolve(element) instanceof BtfType.Array array) {
      element = array.type();
      count *= array.count();
    }
    if (++looked > MOST_FIELDS || count == 0) {
      return;
    }
    int before = found.size();
    long step = 0;
    switch (btf.resolve(element)) {
      case BtfType.Struct inner -> {
        step = inner.size();
        Optional<Kind> kind = Kind.ofStruct(inner.name()).filter(wanted::contains);
        if (kind.isEmpty()) {
          collect(btf.strip(element), inner, offset);
        } else if (inner.size() == kind.get().size()) {
          add(
              kind.get().isRoot()
                  ? root(kind.get(), offset, owner, component)
                  : plain(kind, offset));
        }
      }
      case BtfType.Ptr pointer -> {
        step = Long.BYTES;
        pointer(pointer, offset);
      }
      default -> {
        // Nothing special.
      }
    }
    repeat(before, count, step);
  }

  private static SpecialField plain(Optional<Kind> kind, long offset) {
    return new SpecialField(kind.get(), (int) offset);
  }

  /** The elements of an array behind its first, whose fields were added from {@code from} on. */
  private void repeat(int from, long count, long step) throws LinkException {
    List<SpecialField> first = List.copyOf(found.subList(from, found.size()));
    if (first.isEmpty() || count == 1) {
      return;
    }
    for (SpecialField field : first) {
      if (!field.kind().isRoot() && !field.kind().isPointer()) {
        throw new LinkException("it has an array with " + field.kind().text() + " in it");
      }
    }
    for (long i = 1; i < count; i++) {
      for (SpecialField field : first) {
        int offset = (int) (field.offset() + i * step);
        add(new SpecialField(field.kind(), offset, field.target(), field.nodeOffset()));
      }
    }
  }

  private void pointer(BtfType.Ptr pointer, long offset) throws LinkException {
    if (!(btf.type(pointer.type()) instanceof BtfType.TypeTag tag)) {
      return;
    }
    Kind kind =
        switch (tag.name()) {
          case "kptr" -> Kind.KPTR;
          case "kptr_untrusted" -> Kind.KPTR_UNTRUSTED;
          case "percpu_kptr" -> Kind.KPTR_PERCPU;
          case "uptr" ->
              throw new LinkException("it has a pointer tagged uptr, which only task storage has");
          default -> null;
        };
    if (kind == null) {
      return;
    }
    int target = btf.strip(tag.type());
    BtfType type = btf.type(target);
    if (!(type instanceof BtfType.Struct)) {
      throw new LinkException("it has a %s pointer to what is no struct".formatted(kind.struct()));
    }
    if (OF_KERNEL.contains(type.name())) {
      if (kind != Kind.KPTR_UNTRUSTED && !(kind == Kind.KPTR && COUNTED.contains(type.name()))) {
        throw new LinkException(
            "it has a %s pointer to a struct %s, which no map value may own"
                .formatted(kind.struct(), type.name()));
      }
      add(new SpecialField(kind, (int) offset, ObjectType.ofKernel(type.name()), 0));
      return;
    }
    add(new SpecialField(kind, (int) offset, types.type(target), 0));
  }

  /** A list's head or a tree's root, whose tag says what it holds: {@code contains:struct:node}. */
  private SpecialField root(Kind kind, long offset, int owner, int component) throws LinkException {
    String what = "its struct " + kind.struct();
    String[] words = tag(owner, component, what).split(":", 2);
    int id = words.length < 2 ? 0 : btf.find(BtfType.Struct.class, words[0]);
    if (id == 0) {
      throw new LinkException(what + " does not say which struct's nodes it holds (__contains)");
    }
    Kind node = kind == Kind.LIST_HEAD ? Kind.LIST_NODE : Kind.RB_NODE;
    long at = -1;
    for (BtfType.Member member : ((BtfType.Struct) btf.type(id)).members()) {
      if (member.name().equals(words[1])
          && btf.resolve(member.type()) instanceof BtfType.Struct type
          && type.name().equals(node.struct())) {
        at = member.bitOffset() / Byte.SIZE;
      }
    }
    if (at < 0 || at % node.alignment() != 0) {
      throw new LinkException(
          "%s is to hold '%s' of struct %s, which is no struct %s"
              .formatted(what, words[1], words[0], node.struct()));
    }
    return new SpecialField(kind, (int) offset, types.type(id), (int) at);
  }

  private String tag(int owner, int component, String what) throws LinkException {
    String text = null;
    for (int id = 1; id < btf.count(); id++) {
      if (btf.type(id) instanceof BtfType.DeclTag tag
          && tag.type() == owner
          && tag.component() == component
          && tag.name().startsWith(CONTAINS)) {
        if (text != null) {
          throw new LinkException(what + " says twice what it holds");
        }
        text = tag.name().substring(CONTAINS.length());
      }
    }
    return text == null ? "" : text;
  }

  private void add(SpecialField field) throws LinkException {
    Kind kind = field.kind();
    if (!kind.isRepeatable() && has(kind)) {
      throw new LinkException("its value has more than one struct " + kind.struct());
    }
    if (field.offset() % kind.alignment() != 0) {
      throw new LinkException(
          "its struct %s is not aligned to %d bytes".formatted(kind.struct(), kind.alignment()));
    }
    if (found.size() == MOST_SPECIAL) {
      throw new LinkException("its value has more than " + MOST_SPECIAL + " special fields");
    }
    found.add(field);
  }
}
