package org.xdp4j.bpf.counterexample;

import java.util.List;

/**
 * An input on which a program really does what it was refused for.
 *
 * @param frame the frame, from {@code data} to {@code data_end}
 * @param ingressIfindex the interface it comes in on
 * @param rxQueueIndex the queue it comes in on
 * @param entries what maps hold before, besides what the object puts there
 * @param instruction the faulting instruction
 * @param fault what the interpreter refused to do: {@code load of 1 byte at data + 23, where
 *     data_end is data + 14}
 */
public record Counterexample(
    byte[] frame,
    int ingressIfindex,
    int rxQueueIndex,
    List<Entry> entries,
    int instruction,
    String fault) {

  /** What to say where the search came to nothing. */
  public static final String NONE = "no frame found: the proof is too weak here";

  /**
   * An entry of a map.
   *
   * @param map the map's name
   */
  public record Entry(String map, byte[] key, byte[] value) {}
}
