package org.xdp4j.engine.port;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.capture.CaptureFormat;
import org.xdp4j.engine.capture.CaptureWriter;
import org.xdp4j.engine.frame.Frame;

/** A capture that is put aside and begun anew as a {@link Rotation} says. Owned by one thread. */
final class RotatingCapture implements AutoCloseable {
  /** More than a record's header and options take, in either format. */
  private static final int OVERHEAD = 64;

  private static final String APPLICATION = "xdp4j";
  private static final long FLUSH_NANOS = 200_000_000L;

  private final Path file;
  private final Rotation rotation;
  private final Region region;
  private final String name;
  private final Path folder;
  private final Pattern aside;
  private final TreeMap<Long, Path> kept = new TreeMap<>();
  private CaptureWriter writer;
  private CaptureOutput output;
  private long frames;
  private long since;
  private long flushed;
  private boolean dirty;
  private boolean begun;
  private volatile boolean wanted;

  /**
   * Opens the file, or creates it. What is in it stays until {@link #start}, or until something is
   * written.
   *
   * @param name of the interface in the capture
   */
  RotatingCapture(Path file, Rotation rotation, Region region, String name) throws IOException {
    this.file = file;
    this.rotation = rotation;
    this.region = region;
    this.name = name;
    this.folder = file.toAbsolutePath().getParent();
    this.aside =
        Pattern.compile(Pattern.quote(stem()) + "-(\\d{1,18})" + Pattern.quote(extension()));
    if (!rotation.equals(Rotation.NONE)) {
      findEarlier();
    }
    begin(CaptureWriter.open(file, CaptureFormat.forName(file), APPLICATION));
  }

  private String stem() {
    String whole = file.getFileName().toString();
    int dot = whole.lastIndexOf('.');
    return dot < 0 ? whole : whole.substring(0, dot);
  }

  private String extension() {
    return file.getFileName().toString().substring(stem().length());
  }

  private void findEarlier() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path one : files) {
        Matcher match = aside.matcher(one.getFileName().toString());
        if (match.matches()) {
          kept.put(Long.parseLong(match.group(1)), one);
        }
      }
    }
  }

  private void begin(CaptureWriter fresh) {
    writer = fresh;
    output = new CaptureOutput(writer, region, i -> name, "");
    frames = 0;
    since = System.nanoTime();
  }

  /** Writes a frame, into a new file if it is time. */
  void write(Frame frame, int ifindex) throws IOException {
    if (frames > 0 && isFull(frame)) {
      rotate();
    }
    output.transmit(frame, ifindex);
    frames++;
    begun = true;
    dirty = true;
  }

  private boolean isFull(Frame frame) {
    return rotation.frames() > 0 && frames >= rotation.frames()
        || rotation.bytes() > 0 && writer.length() + frame.length() + OVERHEAD > rotation.bytes();
  }

  /** Has the file emptied when its thread comes by. Any thread. */
  void start() {
    wanted = true;
  }

  private void startIfWanted() throws IOException {
    if (wanted && !begun) {
      begun = true;
      output.flush();
    }
  }

  /** Begins a new file if this one is too old, and lets readers see what was written by now. */
  void tick(long now) throws IOException {
    startIfWanted();
    if (dirty && now - flushed > FLUSH_NANOS) {
      dirty = false;
      flushed = now;
      output.flush();
    }
    if (frames > 0 && !rotation.after().isZero() && now - since >= rotation.after().toNanos()) {
      rotate();
    }
  }

  private void rotate() throws IOException {
    output.close();
    long number = kept.isEmpty() ? 1 : kept.lastKey() + 1;
    Path to = folder.resolve(stem() + "-" + number + extension());
    Files.move(file, to);
    kept.put(number, to);
    while (rotation.keep() > 0 && kept.size() > rotation.keep()) {
      Files.deleteIfExists(kept.pollFirstEntry().getValue());
    }
    begin(CaptureWriter.create(file, CaptureFormat.forName(file), APPLICATION));
  }

  void flush() throws IOException {
    startIfWanted();
    if (begun) {
      output.flush();
    }
  }

  /** Closes it. A file that was not begun is left as it was found. */
  @Override
  public void close() throws IOException {
    if (begun || wanted) {
      output.close();
    } else {
      writer.abandon();
    }
  }
}
