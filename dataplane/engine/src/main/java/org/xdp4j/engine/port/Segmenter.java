package org.xdp4j.engine.port;

import static org.xdp4j.net.wire.Checksum.finish;
import static org.xdp4j.net.wire.Checksum.pseudoHeader4;
import static org.xdp4j.net.wire.Checksum.pseudoHeader6;
import static org.xdp4j.net.wire.Checksum.sum;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.net.wire.IpProtocol;

/**
 * Does in software what a frame's sender left to a device, for ports that cannot: completes
 * checksums, and cuts a TCP or UDP segment that is larger than a packet may be, as Linux's GSO
 * does.
 *
 * <pre>
 *  frame    link | IP | TCP | payload ...........................
 *  pieces   link | IP | TCP | payload     link | IP | TCP | payload    link | IP | TCP | rest
 *           id, sequence number, lengths and checksums its own; FIN and PSH in the last alone
 * </pre>
 *
 * <p>Owned by one thread.
 */
public final class Segmenter {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int TCP_FLAGS = 13;
  private static final int FIN_PSH = 0x09;
  private static final int CWR = 0x80;

  private final MemorySegment memory;

  /** Makes one for frames in a region's memory. */
  public Segmenter(MemorySegment memory) {
    this.memory = memory;
  }

  /** Whether there is something to do for a frame. */
  public static boolean concerns(Frame frame) {
    return frame.checksumPartial || frame.segmentTo != 0;
  }

  /** How many pieces a frame becomes; 1 for one that is not cut. */
  public int pieces(Frame frame) {
    if (frame.segmentTo == 0) {
      return 1;
    }
    HeaderOffload.find(memory, frame);
    int payload = (int) (frame.dataEnd - frame.headersEnd);
    return Math.max(1, (payload + frame.gsoSize - 1) / frame.gsoSize);
  }

  /** Completes a frame's checksum. */
  public void complete(Frame frame) {
    HeaderOffload.find(memory, frame);
    frame.completeChecksum(memory);
  }

  /**
   * Cuts a frame, which stays the caller's, into pieces that need nothing more.
   *
   * @param out gets the pieces, {@link #pieces} of them, from index 0
   * @return how many, or 0 when the pool has not as many: nothing was taken from it, then
   */
  public int cut(FramePool pool, Frame frame, Frame[] out) {
    int headers = (int) (frame.headersEnd - frame.data);
    int total = frame.length() - headers;
    int count = pieces(frame);
    for (int i = 0; i < count; i++) {
      int length = Math.min(frame.gsoSize, total - i * frame.gsoSize);
      out[i] = pool.acquire(headers + length);
      if (out[i] == null) {
        while (--i >= 0) {
          pool.release(out[i]);
          out[i] = null;
        }
        return 0;
      }
    }
    for (int i = 0; i < count; i++) {
      fill(frame, out[i], headers, i, i == count - 1);
    }
    return count;
  }

  private void fill(Frame from, Frame to, int headers, int number, boolean last) {
    int offset = number * from.gsoSize;
    MemorySegment.copy(memory, from.data, memory, to.data, headers);
    MemorySegment.copy(
        memory, from.headersEnd + offset, memory, to.data + headers, to.length() - (long) headers);
    to.ingress = from.ingress;
    to.egress = from.egress;
    to.fate = from.fate;
    to.timestamp = from.timestamp;
    to.nanos = from.nanos;
    long transport = to.data + (from.checksumStart - from.data);
    long pseudo = network(to, to.data + HeaderOffload.link(memory, to), transport, number);
    if (from.checksumOffset == 6) {
      memory.set(SHORT, transport + 4, (short) (to.dataEnd - transport));
    } else {
      tcp(transport, offset, number == 0, last);
    }
    long field = transport + from.checksumOffset;
    memory.set(SHORT, field, (short) 0);
    int value = finish(sum(memory, transport, to.dataEnd - transport, pseudo));
    memory.set(SHORT, field, (short) (value == 0 && from.checksumOffset == 6 ? 0xffff : value));
  }

  /** Corrects the IP header, and gives back the sum over the pseudo header. */
  private long network(Frame to, long ip, long transport, int number) {
    int upper = (int) (to.dataEnd - transport);
    if ((memory.get(BYTE, ip) & 0xf0) == 0x60) {
      memory.set(SHORT, ip + 4, (short) (to.dataEnd - ip - 40));
      int next = memory.get(BYTE, ip + 6) & 0xff;
      return pseudoHeader6(memory, ip, next == IpProtocol.UDP ? next : IpProtocol.TCP, upper);
    }
    memory.set(SHORT, ip + 2, (short) (to.dataEnd - ip));
    memory.set(SHORT, ip + 4, (short) (memory.get(SHORT, ip + 4) + number));
    memory.set(SHORT, ip + 10, (short) 0);
    memory.set(SHORT, ip + 10, (short) finish(sum(memory, ip, transport - ip, 0)));
    return pseudoHeader4(
        memory.get(INT, ip + 12), memory.get(INT, ip + 16), memory.get(BYTE, ip + 9) & 0xff, upper);
  }

  private void tcp(long transport, int offset, boolean first, boolean last) {
    memory.set(INT, transport + 4, memory.get(INT, transport + 4) + offset);
    int flags = memory.get(BYTE, transport + TCP_FLAGS);
    flags &= last ? ~0 : ~FIN_PSH;
    flags &= first ? ~0 : ~CWR;
    memory.set(BYTE, transport + TCP_FLAGS, (byte) flags);
  }
}
