package org.xdp4j.bpf.oracle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The BTF ids of the running kernel's functions, by which kernel functions are called. */
final class KernelFunctions {
  private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
  private static final int KIND_FUNC = 12;
  private static Map<String, Integer> ids;

  private KernelFunctions() {}

  /** The id of the function {@code name}; 0 when there is none. */
  static synchronized int id(String name) {
    if (ids == null) {
      try {
        ids = read(ByteBuffer.wrap(Files.readAllBytes(BTF)).order(ByteOrder.nativeOrder()));
      } catch (IOException e) {
        ids = Map.of();
      }
    }
    return ids.getOrDefault(name, 0);
  }

  private static Map<String, Integer> read(ByteBuffer btf) {
    int header = btf.getInt(4);
    int types = header + btf.getInt(8);
    int end = types + btf.getInt(12);
    int strings = header + btf.getInt(16);
    Map<String, Integer> found = new HashMap<>();
    int id = 0;
    for (int at = types; at < end; ) {
      id++;
      int info = btf.getInt(at + 4);
      int kind = info >>> 24 & 0x1f;
      if (kind == KIND_FUNC) {
        found.put(string(btf, strings + btf.getInt(at)), id);
      }
      at += 12 + rest(kind, info & 0xffff);
    }
    return found;
  }

  /** Bytes behind a type's first 12 (linux/btf.h). */
  static int rest(int kind, int count) {
    return switch (kind) {
      case 1, 14, 17 -> 4;
      case 3 -> 12;
      case 4, 5, 15, 19 -> 12 * count;
      case 6, 13 -> 8 * count;
      default -> 0;
    };
  }

  private static String string(ByteBuffer btf, int at) {
    int end = at;
    while (btf.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - at];
    btf.get(at, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
