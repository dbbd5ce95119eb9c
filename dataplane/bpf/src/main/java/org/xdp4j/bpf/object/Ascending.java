package org.xdp4j.bpf.object;

import java.util.List;
import java.util.function.ToLongFunction;

/** Finds places in lists that ascend. */
final class Ascending {
  private Ascending() {}

  /** The index of the first element whose key is {@code least} or more; the size when none is. */
  static <T> int firstFrom(List<T> list, long least, ToLongFunction<T> key) {
    int low = 0;
    int high = list.size();
    while (low < high) {
      int middle = low + high >>> 1;
      if (key.applyAsLong(list.get(middle)) < least) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
