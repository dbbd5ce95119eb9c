package org.xdp4j.bpf.object;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An object's types as the kernel takes them. Its data sections have no sizes before a loader fills
 * them in, and functions need none of them, so they become enumerations, which are as long:
 *
 * <pre>
 *  DATASEC  name, info, size, then for each variable: type, offset, size
 *  ENUM64   name, info, size, then for each constant: name, low half, high half
 * </pre>
 */
public final class KernelBtf {
  private static final int KIND_FUNC = 12;
  private static final int KIND_DATASEC = 15;
  private static final int KIND_ENUM64 = 19;
  private static final int COMMON = 12;

  private KernelBtf() {}

  /** The types of the object file at {@code path}. */
  public static byte[] of(Path path) throws IOException, ObjectException {
    ElfFile elf = ElfReader.read(path.toString(), Files.readAllBytes(path));
    ByteBuffer section = elf.section(".BTF").bytes();
    byte[] bytes = new byte[section.limit()];
    section.get(0, bytes);
    ByteBuffer btf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int types = btf.getInt(4) + btf.getInt(8);
    int end = types + btf.getInt(12);
    int name = nameOfFunction(btf, types, end);
    for (int at = types; at < end; at += COMMON + rest(btf, at)) {
      if (kind(btf, at) == KIND_DATASEC) {
        int count = btf.getInt(at + 4) & 0xffff;
        btf.putInt(at, 0).putInt(at + 4, KIND_ENUM64 << 24 | count).putInt(at + 8, Long.BYTES);
        for (int i = 0; i < count; i++) {
          int entry = at + COMMON + 12 * i;
          btf.putInt(entry, name).putLong(entry + 4, 0);
        }
      }
    }
    return bytes;
  }

  private static int nameOfFunction(ByteBuffer btf, int types, int end) {
    for (int at = types; at < end; at += COMMON + rest(btf, at)) {
      if (kind(btf, at) == KIND_FUNC) {
        return btf.getInt(at);
      }
    }
    return 0;
  }

  private static int kind(ByteBuffer btf, int at) {
    return btf.getInt(at + 4) >>> 24 & 0x1f;
  }

  /** Bytes behind a type's first 12 (linux/btf.h). */
  private static int rest(ByteBuffer btf, int at) {
    int count = btf.getInt(at + 4) & 0xffff;
    return switch (kind(btf, at)) {
      case 1, 14, 17 -> 4;
      case 3 -> 12;
      case 4, 5, 15, 19 -> 12 * count;
      case 6, 13 -> 8 * count;
      default -> 0;
    };
  }
}
