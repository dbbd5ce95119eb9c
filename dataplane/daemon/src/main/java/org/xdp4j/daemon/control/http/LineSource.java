package org.xdp4j.daemon.control.http;

import java.io.ByteArrayOutputStream;
import java.util.Iterator;
import org.xdp4j.daemon.control.json.JsonWriter;

/** An iterator's values as lines of JSON, in pieces of a few kilobytes. */
final class LineSource implements Reply.Source {
  private static final int PIECE = 8 << 10;

  private final Iterator<?> values;
  private final Runnable end;

  LineSource(Iterator<?> values, Runnable end) {
    this.values = values;
    this.end = end;
  }

  @Override
  public byte[] next() {
    ByteArrayOutputStream piece = new ByteArrayOutputStream(2 * PIECE);
    while (piece.size() < PIECE && values.hasNext()) {
      piece.writeBytes(JsonWriter.line(values.next()));
    }
    return piece.size() == 0 ? null : piece.toByteArray();
  }

  @Override
  public void close() {
    end.run();
  }
}
