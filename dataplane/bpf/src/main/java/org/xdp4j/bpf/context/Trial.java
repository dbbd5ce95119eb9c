package org.xdp4j.bpf.context;

/**
 * What a program touches instead of its maps while it runs on trial ({@link XdpContext#trial}): to
 * be compiled by the JVM before it is needed, without anybody noticing.
 */
public interface Trial {
  /**
   * The copy to use instead of a map's value; of a map's handle, that of the map that stands for
   * it.
   *
   * @param address of a value or a map, or 0, which stays 0
   * @param size bytes of the value from there on
   */
  long value(long address, int size);

  /**
   * What stands for what a look-up by numbers found: {@link #value}, or what the map that is
   * changed instead has under the key.
   *
   * @param address of the value, 0 for none
   * @param size bytes of the value
   * @param map the handle of the map
   * @param key its bytes, eight to a number, little-endian; there may be more than a key has
   */
  long found(long address, int size, long map, int cpu, long... key);

  /** The handle of the map that is changed instead of the one with this handle. */
  long map(long handle);
}
