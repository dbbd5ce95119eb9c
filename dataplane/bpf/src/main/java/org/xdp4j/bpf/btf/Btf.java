package org.xdp4j.bpf.btf;

/** The types of an object, by id. */
public final class Btf {
  /** No types at all. */
  public static final Btf EMPTY = new Btf();

  private Btf() {}
}
