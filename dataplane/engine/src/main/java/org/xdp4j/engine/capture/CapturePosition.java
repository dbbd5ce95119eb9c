package org.xdp4j.engine.capture;

import java.io.Serializable;
import java.util.List;

/**
 * A record boundary of a capture and what must be known to go on reading from it, so that several
 * readers, on several machines if need be, can each read a part of one file.
 *
 * @param offset the byte of the file where the record (pcapng: the block) starts
 * @param swapped whether the file (the section) is in big-endian order
 * @param sections sections begun before
 * @param interfaces those described in the section before; for pcap its only one
 */
public record CapturePosition(
    long offset, boolean swapped, int sections, List<CaptureInterface> interfaces)
    implements Serializable {
  /** Copies the list. */
  public CapturePosition {
    interfaces = List.copyOf(interfaces);
  }
}
