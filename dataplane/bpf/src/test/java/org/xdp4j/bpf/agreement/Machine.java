package org.xdp4j.bpf.agreement;

import java.util.List;
import java.util.Map;

/** Something that runs one program with maps of its own. */
interface Machine extends AutoCloseable {
  /** Runs over one packet. */
  Outcome run(byte[] packet);

  /** What the maps hold now: name to key to value, in hex and in the order of keys. */
  List<Map<String, String>> maps();

  @Override
  void close();
}
