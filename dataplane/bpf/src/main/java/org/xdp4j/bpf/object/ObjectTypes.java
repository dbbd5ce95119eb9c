package org.xdp4j.bpf.object;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.context.KernelLayout;
import org.xdp4j.bpf.context.LocalTypes;
import org.xdp4j.bpf.map.ObjectType;
import org.xdp4j.bpf.map.SpecialField;

/**
 * The structs of one object file that programs allocate objects of, and that pointers, lists and
 * trees lead to: each found once, with its special fields (kernel: btf_parse_struct_metas). One
 * thread at a time.
 */
public final class ObjectTypes {
  private final Btf btf;
  private final Map<Integer, ObjectType> known = new HashMap<>();

  /** The structs among these types. */
  public ObjectTypes(Btf btf) {
    this.btf = btf;
  }

  Btf btf() {
    return btf;
  }

  /**
   * The struct of this id; null when there is none.
   *
   * @throws LinkException when its special fields are arranged as Linux does not allow
   */
  public ObjectType type(int id) throws LinkException {
    if (!btf.contains(id) || !(btf.type(id) instanceof BtfType.Struct struct)) {
      return null;
    }
    ObjectType type = known.get(id);
    if (type == null) {
      type = new ObjectType(id, struct.name(), struct.size());
      known.put(id, type);
      try {
        List<SpecialField> fields = SpecialFields.ofObject(this, id);
        type.setFields(fields);
      } catch (LinkException e) {
        known.remove(id);
        throw new LinkException("struct %s: %s".formatted(struct.name(), e.getMessage()));
      }
    }
    return type;
  }

  /**
   * The special fields of a map's values, ascending by offset.
   *
   * @param valueBtf their type, 0 when it is not known
   * @throws LinkException when they are arranged as Linux does not allow
   */
  public List<SpecialField> fields(int valueBtf) throws LinkException {
    return SpecialFields.ofValue(this, valueBtf);
  }

  /**
   * What runs of the object's programs are told of them.
   *
   * @param kernel the types of the kernel that they are for
   */
  public LocalTypes forRuns(int cpus, Btf kernel) {
    return new LocalTypes() {
      private volatile KernelLayout layout;

      @Override
      public KernelLayout layout() {
        if (layout == null) {
          layout = KernelLayouts.of(kernel);
        }
        return layout;
      }

      @Override
      public Object type(long id) {
        synchronized (ObjectTypes.this) {
          try {
            return id == (int) id ? ObjectTypes.this.type((int) id) : null;
          } catch (LinkException refused) {
            return null; // no verified program allocates one
          }
        }
      }

      @Override
      public int cpus() {
        return cpus;
      }
    };
  }
}
