package org.xdp4j.engine.filters;

import java.util.Arrays;

/** A key of a map, compared as unsigned bytes. */
record Bytes(byte[] value) implements Comparable<Bytes> {
  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(value, other.value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }
}
