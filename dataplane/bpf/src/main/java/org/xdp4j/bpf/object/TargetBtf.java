package org.xdp4j.bpf.object;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfException;

/**
 * A kernel's types in a file, as {@code /sys/kernel/btf/vmlinux} has them: what CO-RE relocations
 * mean when an object is to be as it would be in that kernel ({@code btf_custom_path} of libbpf's
 * {@code bpf_object_open_opts}).
 */
public final class TargetBtf {
  /** Bytes of the largest file that is read; a distribution's kernel has about 6 MiB of types. */
  private static final int MAX_FILE_SIZE = 64 << 20;

  private TargetBtf() {}

  /**
   * Reads the types.
   *
   * @throws ObjectException saying in one sentence why that cannot be done
   */
  public static Btf read(Path file) throws ObjectException {
    try (var stream = Files.newInputStream(file)) {
      byte[] bytes = stream.readNBytes(MAX_FILE_SIZE + 1);
      if (bytes.length > MAX_FILE_SIZE) {
        throw new ObjectException(file + ": a kernel's types have at most 64 MiB");
      }
      return Btf.parse(ByteBuffer.wrap(bytes));
    } catch (BtfException e) {
      throw new ObjectException(
          "%s: this is not BTF as /sys/kernel/btf/vmlinux has it: offset 0x%x: %s"
              .formatted(file, e.offset(), e.getMessage()));
    } catch (NoSuchFileException e) {
      throw new ObjectException(file + ": there is no such file");
    } catch (IOException e) {
      throw new ObjectException(file + ": it cannot be read: " + e.getMessage());
    }
  }
}
