package org.xdp4j.engine.port;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.capture.CaptureWriter;
import org.xdp4j.engine.frame.Frame;

/**
 * Writes frames to a capture, as the program left them, with their verdicts. Each interface that
 * frames leave by is an interface of the capture, described when its first frame is written.
 */
public final class CaptureOutput implements Transmitter {
  private static final int UNKNOWN = -1;
  private static final int DIRECT = 256;

  private final CaptureWriter writer;
  private final MemorySegment memory;
  private final IntFunction<String> names;
  private final String description;
  private final int[] direct = new int[DIRECT];
  private final Map<Integer, Integer> others = new HashMap<>();

  /**
   * Makes one.
   *
   * @param names an interface's name by its index
   * @param description of every interface: the program
   */
  public CaptureOutput(
      CaptureWriter writer, Region region, IntFunction<String> names, String description) {
    this.writer = writer;
    this.memory = region.segment();
    this.names = names;
    this.description = description;
    Arrays.fill(direct, UNKNOWN);
  }

  @Override
  public void transmit(Frame frame, int ifindex) throws IOException {
    write(
        ifindex,
        frame.timestamp,
        memory,
        frame.data,
        frame.length(),
        frame.wireLength(),
        frame.verdict,
        frame.note);
  }

  /** Writes a frame that lies in any memory. */
  void write(
      int ifindex,
      long timestamp,
      MemorySegment source,
      long offset,
      int length,
      int wireLength,
      int verdict,
      String comment)
      throws IOException {
    int id = ifindex >= 0 && ifindex < DIRECT ? direct[ifindex] : UNKNOWN;
    if (id == UNKNOWN) {
      id = describe(ifindex);
    }
    writer.write(id, timestamp, source, offset, length, wireLength, verdict, comment);
  }

  private int describe(int ifindex) throws IOException {
    Integer known = others.get(ifindex);
    if (known != null) {
      return known;
    }
    int id = writer.addInterface(names.apply(ifindex), description);
    if (ifindex >= 0 && ifindex < DIRECT) {
      direct[ifindex] = id;
    } else {
      others.put(ifindex, id);
    }
    return id;
  }

  @Override
  public void flush() throws IOException {
    writer.flush();
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
