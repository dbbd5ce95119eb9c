package org.xdp4j.bpf.map;

import java.lang.reflect.Field;

/** Error numbers as maps and helpers return them: negative (asm-generic/errno-base.h, errno.h). */
public final class Errno {
  public static final int EPERM = -1;
  public static final int ENOENT = -2;
  public static final int E2BIG = -7;
  public static final int EBADF = -9;
  public static final int EAGAIN = -11;
  public static final int ENOMEM = -12;
  public static final int EACCES = -13;
  public static final int EFAULT = -14;
  public static final int EBUSY = -16;
  public static final int EEXIST = -17;
  public static final int ENODEV = -19;
  public static final int EINVAL = -22;
  public static final int ENOSPC = -28;
  public static final int ERANGE = -34;
  public static final int EDEADLK = -35;
  public static final int ENODATA = -61;
  public static final int ENONET = -64;
  public static final int EPROTO = -71;
  public static final int EOVERFLOW = -75;
  public static final int EOPNOTSUPP = -95;
  public static final int ETIMEDOUT = -110;
  public static final int EAFNOSUPPORT = -97;

  /** The kernel's own ENOTSUPP, which user space never got a name for. */
  public static final int ENOTSUPP = -524;

  private Errno() {}

  /** The name of one of these; the number itself when it is none. */
  public static String name(int error) {
    for (Field field : Errno.class.getFields()) {
      try {
        if (field.getInt(null) == error) {
          return field.getName();
        }
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
    return String.valueOf(error);
  }
}
