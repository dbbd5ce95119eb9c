package org.xdp4j.engine.port;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * What goes out is written to a capture, in the format its name says; nothing comes in. One queue.
 * When it cannot be written any more the port is down: frames are refused and counted, and {@link
 * #problem} says why.
 */
public final class CaptureOutPort extends AbstractPort {
  private final OutQueue queue;

  private CaptureOutPort(PortIdentity identity, OutQueue queue) {
    super(identity);
    this.queue = queue;
  }

  /**
   * Opens the capture, or creates it. It is emptied when the port begins, or at the first frame.
   *
   * @param region where frames are
   * @throws PortException when it cannot be created
   */
  public static CaptureOutPort create(PortIdentity identity, Path file, Region region)
      throws PortException {
    return create(identity, file, Rotation.NONE, region);
  }

  /**
   * Opens the capture, or creates it. It is emptied when the port begins, or at the first frame.
   *
   * @param rotation when it is put aside
   * @param region where frames are
   * @throws PortException when it cannot be created
   */
  public static CaptureOutPort create(
      PortIdentity identity, Path file, Rotation rotation, Region region) throws PortException {
    try {
      RotatingCapture capture = new RotatingCapture(file, rotation, region, identity.name());
      return new CaptureOutPort(identity, new OutQueue(identity.ifindex(), capture));
    } catch (IOException e) {
      throw new PortException(identity.name(), reason(e));
    }
  }

  /** The messages of these are only the file's name. */
  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> missing.getFile() + ": there is no such folder";
      case AccessDeniedException denied ->
          denied.getFile()
              + (denied.getOtherFile() == null
                  ? ""
                  : " cannot be put aside as " + denied.getOtherFile())
              + ": permission denied";
      default -> e.getMessage();
    };
  }

  @Override
  protected List<OutQueue> all() {
    return List.of(queue);
  }

  @Override
  public PortState state() {
    return queue.failure == null ? PortState.UP : PortState.DOWN;
  }

  /** Why nothing can be written any more, or null. */
  @Override
  public String problem() {
    return queue.failure == null ? null : reason(queue.failure);
  }

  @Override
  public void begin() {
    queue.capture.start();
  }

  /** Closes the capture; one that was not begun stays as it was. */
  @Override
  public void close() {
    try {
      queue.capture.close();
    } catch (IOException e) {
      queue.fail(e);
    }
  }

  private static final class OutQueue extends PlainQueue {
    private final int ifindex;
    private final RotatingCapture capture;
    private volatile IOException failure;

    OutQueue(int ifindex, RotatingCapture capture) {
      this.ifindex = ifindex;
      this.capture = capture;
    }

    private void fail(IOException e) {
      if (failure == null) {
        failure = e;
      }
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      return 0;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      long sent = 0;
      long bytes = 0;
      for (int i = 0; i < count; i++) {
        Frame frame = frames[i];
        if (failure == null && write(frame)) {
          sent++;
          bytes += frame.length();
        }
        pool.release(frame);
      }
      counters().sent(sent, bytes);
      if (sent < count) {
        counters().txError(count - sent);
      }
      return count;
    }

    private boolean write(Frame frame) {
      try {
        capture.write(frame, ifindex);
        return true;
      } catch (IOException e) {
        fail(e);
        return false;
      }
    }

    @Override
    public int poll(FramePool pool) {
      if (failure == null) {
        try {
          capture.tick(System.nanoTime());
        } catch (IOException e) {
          fail(e);
        }
      }
      return 0;
    }

    @Override
    public void drain(FramePool pool) {
      try {
        capture.flush();
      } catch (IOException e) {
        fail(e);
      }
    }
  }
}
