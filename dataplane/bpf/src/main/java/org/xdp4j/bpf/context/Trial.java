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
   * @param low bytes 0 to 7 of the key, little-endian
   * @param high bytes 8 to 15 of it
   */
  long found(long address, int size, long map, long low, long high, int cpu);

  /** The handle of the map that is changed instead of the one with this handle. */
  long map(long handle);
}
