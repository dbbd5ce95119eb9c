package org.xdp4j.bpf.oracle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * The types of an object file as the kernel takes them: what clang leaves to be linked filled in,
 * and what only a linker reads made harmless, type by type in their places (libbpf:
 * bpf_object__sanitize_btf).
 */
public final class KernelTypes implements AutoCloseable {
  /** {@code .BTF}, as an int. */
  private static final int BTF = 0x4654422e;

  private static final int FUNC = 12;
  private static final int FUNC_PROTO = 13;
  private static final int VAR = 14;
  private static final int DATASEC = 15;
  private static final int ENUM64 = 19;

  private final int fd;

  private KernelTypes(int fd) {
    this.fd = fd;
  }

  /** Loads types that are complete. */
  public static KernelTypes load(byte[] btf) {
    return new KernelTypes(KernelOracle.loadBtf(btf));
  }

  /**
   * Loads those of an object file.
   *
   * @param linked the same types as our reader has them
   */
  public static KernelTypes load(Path object, Btf linked) throws IOException {
    ByteBuffer elf = ByteBuffer.wrap(Files.readAllBytes(object)).order(ByteOrder.LITTLE_ENDIAN);
    long headers = elf.getLong(40);
    long names = elf.getLong((int) headers + 64 * elf.getShort(62) + 24);
    for (int i = 0; i < elf.getShort(60); i++) {
      int header = (int) headers + 64 * i;
      int name = (int) names + elf.getInt(header);
      if (elf.getInt(name) == BTF && elf.get(name + 4) == 0) {
        byte[] section = new byte[(int) elf.getLong(header + 32)];
        elf.get((int) elf.getLong(header + 24), section);
        return load(section, linked);
      }
    }
    throw new IllegalArgumentException(object + " has no types");
  }

  /**
   * The same.
   *
   * @param section its {@code .BTF}
   * @param linked the same types as our reader has them
   */
  public static KernelTypes load(byte[] section, Btf linked) {
    ByteBuffer btf = ByteBuffer.wrap(section.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int at = btf.getInt(4) + btf.getInt(8);
    int[] places = new int[linked.count()];
    for (int id = 1; id < places.length; id++) {
      places[id] = at;
      int info = btf.getInt(at + 4);
      at += 12 + KernelFunctions.rest(info >>> 24 & 0x1f, info & 0xffff);
    }
    for (int id = 1; id < places.length; id++) {
      int kind = btf.getInt(places[id] + 4) >>> 24 & 0x1f;
      switch (kind) {
        case FUNC -> function(btf, places, id);
        case VAR -> btf.putInt(places[id] + 12, Math.min(1, btf.getInt(places[id] + 12)));
        case DATASEC -> section(btf, places, id, (BtfType.Datasec) linked.type(id));
        default -> {
          // As it is.
        }
      }
    }
    return load(btf.array());
  }

  /** An extern becomes a static function, whose parameters need names. */
  private static void function(ByteBuffer btf, int[] places, int id) {
    int info = btf.getInt(places[id] + 4);
    if ((info & 0xffff) != 2) {
      return;
    }
    btf.putInt(places[id] + 4, FUNC << 24);
    int prototype = places[btf.getInt(places[id] + 8)];
    int parameters = btf.getInt(prototype + 4) & 0xffff;
    for (int i = 0; i < parameters && btf.getInt(prototype + 4) >>> 24 == FUNC_PROTO; i++) {
      int name = prototype + 12 + 8 * i;
      if (btf.getInt(name) == 0) {
        btf.putInt(name, btf.getInt(places[id]));
      }
    }
  }

  /** Sections of externs become enumerations, which have as many bytes. */
  private static void section(ByteBuffer btf, int[] places, int id, BtfType.Datasec linked) {
    int at = places[id];
    int count = btf.getInt(at + 4) & 0xffff;
    if (linked.name().equals(".ksyms") || linked.name().equals(".kconfig")) {
      for (int i = 0; i < count; i++) {
        int entry = at + 12 + 12 * i;
        btf.putInt(entry, btf.getInt(places[btf.getInt(entry)]));
      }
      btf.putInt(at, 0).putInt(at + 4, ENUM64 << 24 | count).putInt(at + 8, Long.BYTES);
      return;
    }
    btf.putInt(at + 8, linked.size());
    for (int i = 0; i < count; i++) {
      BtfType.Secinfo info = linked.variables().get(i);
      int entry = at + 12 + 12 * i;
      btf.putInt(entry, info.type())
          .putInt(entry + 4, info.offset())
          .putInt(entry + 8, info.size());
    }
  }

  /** The file descriptor that programs and maps are given. */
  public int fd() {
    return fd;
  }

  @Override
  public void close() {
    KernelOracle.close(fd);
  }
}
