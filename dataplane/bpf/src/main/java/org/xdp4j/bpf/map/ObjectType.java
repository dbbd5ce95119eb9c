package org.xdp4j.bpf.map;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * A struct of a program that objects are allocated of, or that a pointer in a map value leads to.
 * Two of one object file are the same when their ids are.
 */
public final class ObjectType implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int btfId;
  private final String name;
  private final int size;
  private SpecialField[] fields = {};

  /**
   * A struct whose fields are not known yet.
   *
   * @param btfId its id in the object's BTF
   */
  public ObjectType(int btfId, String name, int size) {
    this.btfId = btfId;
    this.name = name;
    this.size = size;
  }

  /** Its id in the object's BTF; 0 for a struct of the kernel's. */
  public int btfId() {
    return btfId;
  }

  /** A struct of the kernel's, of which no object is here. */
  public static ObjectType ofKernel(String name) {
    return new ObjectType(0, name, 0);
  }

  /** Whether it is one. */
  public boolean isOfKernel() {
    return btfId == 0;
  }

  /** The struct's name. */
  public String name() {
    return name;
  }

  /** Bytes. */
  public int size() {
    return size;
  }

  /** The parts that only kernel functions touch, ascending by offset. */
  public List<SpecialField> fields() {
    return List.of(fields);
  }

  /** Sets the fields, once and before the type is given to anybody: they may lead back to it. */
  public void setFields(List<SpecialField> all) {
    fields = all.toArray(SpecialField[]::new);
  }

  /** Where its only field of this kind lies, or -1. */
  public int offsetOf(SpecialField.Kind kind) {
    for (SpecialField field : fields) {
      if (field.kind() == kind) {
        return field.offset();
      }
    }
    return -1;
  }

  /** Whether it has a node, by which it can be in a list or a tree. */
  public boolean hasNode() {
    return Arrays.stream(fields).anyMatch(field -> field.kind().isNode());
  }

  /** Whether it has a lock. */
  public boolean hasLock() {
    return Arrays.stream(fields).anyMatch(field -> field.kind().isLock());
  }

  /** Whether what it holds has to be given back with it. */
  boolean ownsObjects() {
    return Arrays.stream(fields).anyMatch(field -> field.kind().ownsObjects());
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof ObjectType t
            && btfId == t.btfId
            && size == t.size
            && name.equals(t.name);
  }

  @Override
  public int hashCode() {
    return btfId;
  }

  @Override
  public String toString() {
    return "struct " + name;
  }
}
