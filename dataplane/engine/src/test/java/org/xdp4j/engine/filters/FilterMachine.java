package org.xdp4j.engine.filters;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** Something that runs a filter with maps of its own. */
interface FilterMachine extends AutoCloseable {
  /**
   * What became of a frame.
   *
   * @param returnCode r0
   * @param data the frame afterwards
   * @param target where it is redirected to, in words; empty when it is not, or nobody knows
   */
  record Outcome(int returnCode, byte[] data, String target) {
    /** Whether return code and frame are the same. */
    boolean agreesWith(Outcome other) {
      return returnCode == other.returnCode && Arrays.equals(data, other.data);
    }

    @Override
    public String toString() {
      return returnCode + " with " + HexFormat.of().formatHex(data);
    }
  }

  Outcome run(CapturedFrame frame);

  /** What each map holds: name to key to value, of the one CPU that ran. */
  TreeMap<String, Map<Bytes, byte[]>> maps();

  @Override
  void close();
}
