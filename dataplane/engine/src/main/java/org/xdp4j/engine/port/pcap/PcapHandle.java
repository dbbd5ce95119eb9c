package org.xdp4j.engine.port.pcap;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.xdp4j.engine.capture.PcapLibrary;

/**
 * An open capture of libpcap's, which does not wait. Owned by one thread.
 *
 * <pre>
 *  struct pcap_pkthdr   0 time   16 bytes kept   20 bytes on the wire
 * </pre>
 */
final class PcapHandle implements AutoCloseable {
  private static final int SNAPLEN = 262_144;
  private static final int TIMEOUT_MILLIS = 1;
  private static final int DIRECTION_IN = 1;
  private static final int ETHERNET = 1;
  private static final int NETMASK_UNKNOWN = -1;

  private final Libpcap library;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment headerPointer = arena.allocate(ADDRESS);
  private final MemorySegment dataPointer = arena.allocate(ADDRESS);
  private final MemorySegment statistics = arena.allocate(12, 4);
  private final long handle;
  private MemorySegment data;
  private int kept;
  private int wire;

  /**
   * Opens an interface.
   *
   * @throws IOException in one sentence, libpcap's own for the most part
   */
  PcapHandle(Libpcap library, PcapOptions options) throws IOException {
    this.library = library;
    long opened = 0;
    try {
      MemorySegment error = arena.allocate(Libpcap.ERROR_BUFFER);
      long device = arena.allocateFrom(options.device()).address();
      opened = (long) library.create.invokeExact(device, error.address());
      if (opened == 0) {
        throw new IOException(error.getString(0));
      }
      handle = opened;
      activate(options, error);
    } catch (IOException e) {
      close(opened);
      throw e;
    } catch (Throwable e) {
      close(opened);
      throw new IllegalStateException("libpcap cannot be called", e);
    }
  }

  private void activate(PcapOptions options, MemorySegment error) throws Throwable {
    int ignored = (int) library.setSnaplen.invokeExact(handle, SNAPLEN);
    ignored += (int) library.setPromisc.invokeExact(handle, options.promiscuous() ? 1 : 0);
    ignored += (int) library.setTimeout.invokeExact(handle, TIMEOUT_MILLIS);
    ignored += (int) library.setBufferSize.invokeExact(handle, options.bufferBytes());
    int status = (int) library.activate.invokeExact(handle);
    if (status < 0) {
      String reason = PcapLibrary.text((MemorySegment) library.geterr.invokeExact(handle));
      String kind = PcapLibrary.text((MemorySegment) library.statusText.invokeExact(status));
      throw new IOException(
          "interface " + options.device() + ": " + (reason.isEmpty() ? kind : reason));
    }
    if ((int) library.datalink.invokeExact(handle) != ETHERNET) {
      throw new IOException("interface " + options.device() + ": it is not Ethernet");
    }
    ignored += (int) library.setNonblock.invokeExact(handle, 1, error.address());
    // Where the system cannot tell, what is sent comes in again.
    ignored += (int) library.setDirection.invokeExact(handle, DIRECTION_IN);
    if (!options.filter().isBlank()) {
      filter(options.filter());
    }
  }

  private void filter(String expression) throws Throwable {
    MemorySegment program = arena.allocate(16, 8); // struct bpf_program
    long text = arena.allocateFrom(expression).address();
    if ((int) library.compile.invokeExact(handle, program.address(), text, 1, NETMASK_UNKNOWN)
        < 0) {
      throw new IOException("filter '" + expression + "': " + problem());
    }
    int status = (int) library.setFilter.invokeExact(handle, program.address());
    library.freeCode.invokeExact(program.address());
    if (status < 0) {
      throw new IOException("filter '" + expression + "': " + problem());
    }
  }

  /** What libpcap says went wrong. */
  String problem() {
    try {
      return PcapLibrary.text((MemorySegment) library.geterr.invokeExact(handle));
    } catch (Throwable e) {
      throw new IllegalStateException("libpcap cannot be called", e);
    }
  }

  /**
   * Moves to the next frame.
   *
   * @return 1 when there is one, 0 when there is none now, negative when there will be none
   */
  int next() {
    try {
      int status =
          (int) library.nextEx.invokeExact(handle, headerPointer.address(), dataPointer.address());
      if (status == 1) {
        MemorySegment header =
            MemorySegment.ofAddress(headerPointer.get(JAVA_LONG, 0)).reinterpret(24);
        kept = header.get(JAVA_INT, 16);
        wire = header.get(JAVA_INT, 20);
        data = MemorySegment.ofAddress(dataPointer.get(JAVA_LONG, 0)).reinterpret(kept);
      }
      return status;
    } catch (Throwable e) {
      throw new IllegalStateException("libpcap cannot be called", e);
    }
  }

  /** The frame's bytes, until the next one. */
  MemorySegment data() {
    return data;
  }

  /** Bytes at hand. */
  int kept() {
    return kept;
  }

  /** Bytes the frame had on the wire. */
  int wire() {
    return wire;
  }

  /** Sends a frame; says whether it is sent. */
  boolean inject(long address, int length) {
    try {
      return (int) library.inject.invokeExact(handle, address, (long) length) == length;
    } catch (Throwable e) {
      throw new IllegalStateException("libpcap cannot be called", e);
    }
  }

  /** Frames dropped since it was opened: by the kernel's buffer, and by the interface. */
  long[] drops() {
    try {
      if ((int) library.stats.invokeExact(handle, statistics.address()) < 0) {
        return new long[2];
      }
      return new long[] {
        Integer.toUnsignedLong(statistics.get(JAVA_INT, 4)),
        Integer.toUnsignedLong(statistics.get(JAVA_INT, 8))
      };
    } catch (Throwable e) {
      throw new IllegalStateException("libpcap cannot be called", e);
    }
  }

  /** What poll(2) can wait on, or -1. */
  int descriptor() {
    try {
      return (int) library.descriptor.invokeExact(handle);
    } catch (Throwable e) {
      throw new IllegalStateException("libpcap cannot be called", e);
    }
  }

  private void close(long opened) {
    try {
      if (opened != 0) {
        library.close.invokeExact(opened);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("libpcap cannot be called", e);
    }
    arena.close();
  }

  @Override
  public void close() {
    close(handle);
  }
}
