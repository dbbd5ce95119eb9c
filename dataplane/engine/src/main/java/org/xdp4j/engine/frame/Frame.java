package org.xdp4j.engine.frame;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * One frame and what is known about it; buffer, first and last byte are addresses in the region.
 * The fields are public because every step of a frame's way reads or writes some of them; whoever
 * holds the frame owns it.
 *
 * <p>What a device is asked to do with it (segment it, complete a checksum) comes and goes as a
 * {@code struct virtio_net_hdr} (virtio 1.2, section 5.1.6) where a port has such headers. It is
 * kept as addresses, not as offsets from the frame's first byte, so it stays true when headers in
 * front grow or shrink.
 */
public final class Frame extends FrameState {
  /** VIRTIO_NET_HDR_F_NEEDS_CSUM (linux/virtio_net.h): the frame says where its sum goes. */
  public static final int NEEDS_CSUM = 1;

  /**
   * Beside {@link #NEEDS_CSUM}: nobody said so, the frame's bytes show it ({@link
   * PartialChecksum}).
   */
  public static final int PRESUMED = 0x100;

  /** The {@link #verdict} of a frame that no program was run on. */
  public static final int NO_VERDICT = -1;

  /** VIRTIO_NET_HDR_F_* of the frame, and {@link #PRESUMED}; 0 for none. */
  public int offloadFlags;

  /** VIRTIO_NET_HDR_GSO_* of the frame; 0 (GSO_NONE) when it is no segment to be cut. */
  public int gsoType;

  /** Bytes of payload a segment gets ({@code gso_size}). */
  public int gsoSize;

  /** One past the headers that each segment repeats ({@code hdr_len}); 0 when not said. */
  public long headersEnd;

  /** Where the checksum to be completed begins ({@code csum_start}). */
  public long checksumStart;

  /** Where it is stored, in bytes from there ({@code csum_offset}). */
  public int checksumOffset;

  /** Where the IP header is by which that is {@link #PRESUMED}. */
  public long presumedIp;

  /** Bytes the wire carried beyond those at hand: a capture may have kept less. */
  public int cutBytes;

  /** When it was seen: nanoseconds since 1970, as its capture says. */
  public long timestamp;

  /** Its place among the frames of this run, from 0. */
  public long sequence;

  /** Why it is on its way from one worker to another; the workers' own. */
  public int errand;

  /** What that worker is to run on it; the workers' own. */
  public Object errandProgram;

  /** Why it leaves as it does, where there is more to say than its bytes do; null for nothing. */
  public String note;

  /** Interfaces a broadcast goes to, in {@link #targets}; 0 when it is none. */
  public int targetCount;

  /** Grows with the largest broadcast; kept for the next. */
  public int[] targets;

  final FramePool pool;
  final int sizeClass;

  Frame(FramePool pool, long start, long end, int sizeClass) {
    super(start, end);
    this.pool = pool;
    this.sizeClass = sizeClass;
  }

  /** A frame without a buffer: made to point at bytes that lie elsewhere, again and again. */
  public static Frame view() {
    return new Frame(null, 0, 0, -1);
  }

  /** Bytes it has on the wire. */
  public int wireLength() {
    return length() + cutBytes;
  }

  /** Bytes a frame may have in this buffer, behind the headroom. */
  public int room() {
    return (int) (end - start) - FramePool.HEADROOM;
  }

  /** Makes room for a frame of {@code length} bytes behind the headroom, with nothing known. */
  public void begin(int length) {
    data = start + FramePool.HEADROOM;
    dataMeta = data;
    dataEnd = data + length;
    cutBytes = 0;
    egress = 0;
    targetCount = 0;
    segmentTo = 0;
    checksumPartial = false;
    offloadFlags = 0;
    gsoType = 0;
    story = 0;
    note = null;
  }

  /** Whether it was presumed that a device was to complete the checksum, and no longer is. */
  private boolean isRefuted(MemorySegment memory) {
    return (offloadFlags & PRESUMED) != 0 && !PartialChecksum.isThere(memory, this);
  }

  /**
   * Whether a device has something to do for it yet: a checksum that was only presumed to be
   * partial may have been changed by a program, which knew better.
   */
  public boolean confirmOffload(MemorySegment memory) {
    if (segmentTo == 0 && checksumPartial && isRefuted(memory)) {
      checksumPartial = false;
      offloadFlags = 0;
    }
    return checksumPartial || segmentTo != 0;
  }

  /** Has it cut into IP packets of so many bytes. */
  void cutTo(int size) {
    segmentTo = size;
    gsoSize = size - (int) (headersEnd - presumedIp);
  }

  @Override
  public int segmentFor(int mtu) {
    int least = (int) (headersEnd - presumedIp) + 8; // RFC 791: every link carries that much
    if ((offloadFlags & PRESUMED) != 0 && segmentTo > mtu && mtu >= least) {
      cutTo(mtu);
    }
    return segmentTo;
  }

  @Override
  public void completeChecksum(MemorySegment memory) {
    if (isRefuted(memory)) {
      checksumPartial = false;
    } else if ((offloadFlags & NEEDS_CSUM) != 0) {
      completeChecksum(memory, checksumStart, checksumOffset);
    } else {
      super.completeChecksum(memory);
    }
    offloadFlags = 0;
  }

  @Override
  public void copyOffload(PacketBuffer original) {
    super.copyOffload(original);
    if (original instanceof Frame frame) {
      long moved = data - frame.data;
      offloadFlags = frame.offloadFlags;
      gsoType = frame.gsoType;
      gsoSize = frame.gsoSize;
      headersEnd = frame.headersEnd == 0 ? 0 : frame.headersEnd + moved;
      checksumStart = frame.checksumStart + moved;
      presumedIp = frame.presumedIp + moved;
      checksumOffset = frame.checksumOffset;
    }
  }

  /** Adds an interface that a broadcast goes to. */
  public void addTarget(int ifindex) {
    if (targets == null) {
      targets = new int[8];
    } else if (targetCount == targets.length) {
      targets = Arrays.copyOf(targets, 2 * targetCount);
    }
    targets[targetCount++] = ifindex;
  }
}
