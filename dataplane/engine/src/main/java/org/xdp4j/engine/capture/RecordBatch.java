package org.xdp4j.engine.capture;

/**
 * Records found by one {@link CaptureReader#next(RecordBatch)}, as columns; their bytes are in the
 * reader's {@link CaptureReader#memory} until its next call. Reused without allocating.
 */
public final class RecordBatch {
  /** Records there are, from index 0. */
  public int size;

  /** Where the frame starts in the reader's memory. */
  public final long[] data;

  /** As {@link CaptureReader#capturedLength}. */
  public final int[] capturedLength;

  /** As {@link CaptureReader#originalLength}. */
  public final int[] originalLength;

  /** As {@link CaptureReader#nanos}. */
  public final long[] nanos;

  /** {@link CaptureInterface#index} of the interface. */
  public final int[] interfaceIndex;

  /** {@link CaptureInterface#linkType} of the interface. */
  public final int[] linkType;

  /** Makes room for {@code capacity} records. */
  public RecordBatch(int capacity) {
    data = new long[capacity];
    capturedLength = new int[capacity];
    originalLength = new int[capacity];
    nanos = new long[capacity];
    interfaceIndex = new int[capacity];
    linkType = new int[capacity];
  }

  /** Records there is room for. */
  public int capacity() {
    return data.length;
  }
}
