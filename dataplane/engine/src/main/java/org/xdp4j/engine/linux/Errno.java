package org.xdp4j.engine.linux;

import java.util.Map;

/** Error numbers (asm-generic/errno.h), and what they mean here. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int EINVAL = 22;
  public static final int EMFILE = 24;
  public static final int ENOSPC = 28;
  public static final int ENOSYS = 38;
  public static final int EBADFD = 77;
  public static final int EMSGSIZE = 90;
  public static final int EOPNOTSUPP = 95;
  public static final int ENETDOWN = 100;
  public static final int ENOBUFS = 105;

  private static final Map<Integer, String> SENTENCES =
      Map.ofEntries(
          Map.entry(EPERM, "it is not permitted"),
          Map.entry(ENOENT, "there is no such thing"),
          Map.entry(EIO, "input or output failed"),
          Map.entry(ENXIO, "there is no such device"),
          Map.entry(ENOMEM, "there is not enough memory"),
          Map.entry(EACCES, "it is not permitted"),
          Map.entry(EBUSY, "it is in use"),
          Map.entry(EEXIST, "it exists already"),
          Map.entry(ENODEV, "there is no such interface"),
          Map.entry(EINVAL, "Linux refuses it as it is"),
          Map.entry(EMFILE, "too many files are open"),
          Map.entry(ENOSPC, "there is no room for it"),
          Map.entry(ENOSYS, "this Linux has no such call"),
          Map.entry(EBADFD, "its interface is gone"),
          Map.entry(EOPNOTSUPP, "it is not supported"),
          Map.entry(ENETDOWN, "the interface is down"),
          Map.entry(ENOBUFS, "there is no room for it"));

  private Errno() {}

  /** What a negative result means, in words. */
  public static String sentence(long result) {
    int number = (int) -result;
    return SENTENCES.getOrDefault(number, "it failed") + " (errno " + number + ")";
  }
}
