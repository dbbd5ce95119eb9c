package org.xdp4j.bpf.oracle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The BTF ids of the running kernel's functions, by which kernel functions are called. */
public final class KernelFunctions {
  private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
  private static final int KIND_FUNC = 12;
  private static final int KIND_DECL_TAG = 17;
  private static final String KFUNC_TAG = "bpf_kfunc";
  private static Map<String, Integer> ids;
  private static Set<String> kfuncs;

  private KernelFunctions() {}

  /** The id of the function {@code name}; 0 when there is none. */
  public static synchronized int id(String name) {
    if (ids == null) {
      try {
        ids = read(ByteBuffer.wrap(Files.readAllBytes(BTF)).order(ByteOrder.nativeOrder()));
      } catch (IOException e) {
        ids = Map.of();
        kfuncs = Set.of();
      }
    }
    return ids.getOrDefault(name, 0);
  }

  /** The names of all functions that some kind of program may call (tagged {@code bpf_kfunc}). */
  public static synchronized Set<String> kfuncs() {
    id("");
    return kfuncs;
  }

  private static Map<String, Integer> read(ByteBuffer btf) {
    int header = btf.getInt(4);
    int types = header + btf.getInt(8);
    int end = types + btf.getInt(12);
    int strings = header + btf.getInt(16);
    Map<String, Integer> found = new HashMap<>();
    Map<Integer, String> names = new HashMap<>();
    List<Integer> tagged = new ArrayList<>();
    int id = 0;
    for (int at = types; at < end; ) {
      id++;
      int info = btf.getInt(at + 4);
      int kind = info >>> 24 & 0x1f;
      if (kind == KIND_FUNC) {
        names.put(id, string(btf, strings + btf.getInt(at)));
        found.put(names.get(id), id);
      } else if (kind == KIND_DECL_TAG && string(btf, strings + btf.getInt(at)).equals(KFUNC_TAG)) {
        tagged.add(btf.getInt(at + 8));
      }
      at += 12 + rest(kind, info & 0xffff);
    }
    kfuncs = new TreeSet<>();
    tagged.forEach(function -> kfuncs.add(names.get(function)));
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
