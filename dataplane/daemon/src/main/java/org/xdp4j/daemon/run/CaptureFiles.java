package org.xdp4j.daemon.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.daemon.service.Account;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.PortPlan;

/**
 * Captures that a daemon writes. They are opened before it gives up its privileges, and put aside
 * long after: that this can be is seen to at the start, not when the first one is full.
 */
final class CaptureFiles {
  private final List<PortPlan.CaptureOutput> captures = new ArrayList<>();

  CaptureFiles(ForwarderPlan plan) {
    for (PortPlan port : plan.ports()) {
      PortPlan inner = port instanceof PortPlan.Fault faulty ? faulty.inner() : port;
      if (inner instanceof PortPlan.CaptureOutput capture) {
        captures.add(capture);
      }
    }
  }

  /**
   * Gives those that are put aside to whom the process will belong to; null for who has them. What
   * is no file, or has another name as well, stays whose it is.
   */
  void giveTo(Account account) {
    if (account == null) {
      return;
    }
    for (PortPlan.CaptureOutput each : captures) {
      try {
        Path file = each.file();
        if (!rotates(each)
            || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
            || (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) != 1) {
          continue;
        }
        Files.setAttribute(file, "unix:uid", account.user(), LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:gid", account.group(), LinkOption.NOFOLLOW_LINKS);
      } catch (IOException | UnsupportedOperationException e) {
        continue; // who is no root gives nothing away, and need not
      }
    }
  }

  /** Requires that those that are put aside can be, by whom the process belongs to now. */
  void requireRoomBeside() throws DaemonException {
    for (PortPlan.CaptureOutput each : captures) {
      Path folder = each.file().toAbsolutePath().getParent();
      if (rotates(each) && Files.isDirectory(folder) && !Files.isWritable(folder)) {
        throw new DaemonException(
            "port." + each.settings().name(),
            "its capture cannot be put aside when it is full or old: the daemon's user may make no"
                + " file in "
                + folder,
            null);
      }
    }
  }

  private static boolean rotates(PortPlan.CaptureOutput capture) {
    return capture.rotateBytes() > 0 || capture.rotateAfter() != null;
  }
}
