package org.xdp4j.engine.capture;

import java.nio.file.Path;
import java.util.Locale;

/** The two file formats. */
public enum CaptureFormat {
  PCAP,
  PCAPNG;

  /**
   * The format a file of this name is written in: pcap for {@code .pcap}, {@code .cap} and {@code
   * .dmp}, else pcapng, which alone can hold verdicts.
   */
  public static CaptureFormat forName(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    boolean pcap = name.endsWith(".pcap") || name.endsWith(".cap") || name.endsWith(".dmp");
    return pcap ? PCAP : PCAPNG;
  }
}
