package org.xdp4j.engine.linux;

/**
 * Numbers of system calls: those of x86-64 (asm/unistd_64.h), or the generic ones
 * (asm-generic/unistd.h) that AArch64 and later machines have.
 */
final class Numbers {
  private static final boolean X86 = System.getProperty("os.arch").equals("amd64");

  static final int READ = X86 ? 0 : 63;
  static final int WRITE = X86 ? 1 : 64;
  static final int CLOSE = X86 ? 3 : 57;
  static final int MMAP = X86 ? 9 : 222;
  static final int MUNMAP = X86 ? 11 : 215;
  static final int IOCTL = X86 ? 16 : 29;
  static final int SOCKET = X86 ? 41 : 198;
  static final int SENDTO = X86 ? 44 : 206;
  static final int BIND = X86 ? 49 : 200;
  static final int SETSOCKOPT = X86 ? 54 : 208;
  static final int GETSOCKOPT = X86 ? 55 : 209;
  static final int EVENTFD2 = X86 ? 290 : 19;
  static final int SENDMMSG = X86 ? 307 : 269;
  static final int OPENAT = X86 ? 257 : 56;
  static final int PPOLL = X86 ? 271 : 73;
  static final int SETNS = X86 ? 308 : 268;
  static final int BPF = X86 ? 321 : 280;
  static final int IO_URING_SETUP = 425;
  static final int IO_URING_ENTER = 426;
  static final int IO_URING_REGISTER = 427;

  private Numbers() {}
}
