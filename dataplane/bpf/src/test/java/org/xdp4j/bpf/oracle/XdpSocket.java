package org.xdp4j.bpf.oracle;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** An AF_XDP socket, bound to nothing: enough to be put into a map. */
public final class XdpSocket implements AutoCloseable {
  private static final int AF_XDP = 44;
  private static final int SOCK_RAW = 3;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle SOCKET =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("socket").orElseThrow(),
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT));

  private final int fd;

  private XdpSocket(int fd) {
    this.fd = fd;
  }

  /** A new one; null where the kernel has none. */
  public static XdpSocket open() {
    try {
      int fd = (int) SOCKET.invokeExact(AF_XDP, SOCK_RAW, 0);
      return fd < 0 ? null : new XdpSocket(fd);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  public int fd() {
    return fd;
  }

  @Override
  public void close() {
    BpfSyscall.close(fd);
  }
}
