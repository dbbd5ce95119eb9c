package org.xdp4j.bpf.object;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfExt;
import org.xdp4j.bpf.btf.KernelBtf;
import org.xdp4j.bpf.map.MapSpec;

/**
 * Reads object files: ELF-64, little-endian, for BPF.
 *
 * <p>A file that is not well formed is refused as a whole; what cannot be linked in one program or
 * made of one map is told in its {@code problem}, and all others are there.
 *
 * <p>As with libbpf, types are optional where no map or extern needs them ({@link TypeSections}).
 * Types that Linux does not take ({@link KernelBtf}) say what maps are, as they do to libbpf, and
 * how they are printed; programs and values are judged as without them.
 */
public final class ObjectReader {
  /** Bytes of the largest file that is read. */
  public static final int MAX_FILE_SIZE = 64 << 20;

  /** Bytes of kernel configuration an object may ask for. */
  static final int MAX_CONFIGURATION = 1 << 20;

  /**
   * Programs may share functions, and each gets its own copy. All of them together may have this
   * many slots, and {@link #LINKED_TIMES} for each slot of the file.
   */
  private static final long LINKED_SLOTS = 1 << 16;

  private static final long LINKED_TIMES = 64;

  private static final long MOST_LINKED_SLOTS = 4 << 20;

  private static final long ALLOCATED = 16 << 20;

  private static final long ALLOCATED_TIMES = 256;

  private ObjectReader() {}

  /**
   * Reading a file of this many bytes allocates fewer bytes than this: a fixed part, and a multiple
   * of the file for its types, its instructions and their copies in the programs that share them.
   */
  public static long allocationLimit(long fileSize) {
    return ALLOCATED + ALLOCATED_TIMES * fileSize;
  }

  /**
   * Reads the object file at {@code path}.
   *
   * @throws ObjectException saying in one sentence why that cannot be done
   */
  public static BpfObject read(Path path) throws ObjectException {
    return read(path, Kconfig.DEFAULT);
  }

  /** The same, with answers for the kernel configuration that it asks for. */
  public static BpfObject read(Path path, Kconfig kconfig) throws ObjectException {
    return read(path, kconfig, Btf.EMPTY);
  }

  /**
   * The same, for a kernel with certain types.
   *
   * @param kernel what CO-RE relocations mean; {@link Btf#EMPTY} for the object's own types
   */
  public static BpfObject read(Path path, Kconfig kconfig, Btf kernel) throws ObjectException {
    String name = path.toString();
    try (InputStream stream = Files.newInputStream(path)) {
      byte[] bytes = stream.readNBytes(MAX_FILE_SIZE + 1);
      return read(name, bytes, kconfig, kernel);
    } catch (NoSuchFileException e) {
      throw new ObjectException(name + ": there is no such file");
    } catch (AccessDeniedException e) {
      throw new ObjectException(name + ": it cannot be read: permission denied");
    } catch (IOException e) {
      throw new ObjectException(name + ": it cannot be read: " + e.getMessage());
    }
  }

  /**
   * Reads the object file that {@code bytes} hold.
   *
   * @param fileName for messages and {@link BpfObject#file}
   * @throws ObjectException saying in one sentence what is wrong in which section at which offset
   */
  public static BpfObject read(String fileName, byte[] bytes) throws ObjectException {
    return read(fileName, bytes, Kconfig.DEFAULT);
  }

  /** The same, with answers for the kernel configuration that it asks for. */
  public static BpfObject read(String fileName, byte[] bytes, Kconfig kconfig)
      throws ObjectException {
    return read(fileName, bytes, kconfig, Btf.EMPTY);
  }

  /** The same, with a kernel's types for its CO-RE relocations to mean. */
  static BpfObject read(String fileName, byte[] bytes, Kconfig kconfig, Btf kernel)
      throws ObjectException {
    if (bytes.length > MAX_FILE_SIZE) {
      throw new ObjectException(
          "%s: ELF headers, offset 0x0: the file is larger than %d MiB"
              .formatted(fileName, MAX_FILE_SIZE >> 20));
    }
    ElfFile elf = ElfReader.read(fileName, bytes);
    TypeSections sections = TypeSections.read(elf);
    Btf raw = sections.btf();
    BtfExt ext = sections.ext();
    Btf btf = DatasecFixer.fix(elf, raw);
    String objection = sections.unread() != null ? sections.unread() : KernelBtf.objection(btf);
    boolean typed = objection == null;
    Map<Integer, CodeSection> code =
        new CodeReader(elf, typed ? ext : ext.withoutFunctions()).read();
    MapTable maps = new MapTable();
    ObjectTypes types = new ObjectTypes(btf);
    BtfMapReader.read(elf, types, maps);
    LegacyMapReader.read(elf, maps);
    DataMapReader.read(elf, types, maps);
    Externs externs = Externs.read(btf, maps, kconfig);
    String license = License.of(elf);
    FunctionResolver resolver =
        new FunctionResolver(elf, code, maps, externs, new CoreRelocator(raw, kernel));
    Btf target = kernel == Btf.EMPTY ? btf : kernel;
    Linker linker = new Linker(resolver, license, typed ? btf : Btf.EMPTY, target, budget(code));
    List<BpfProgram> programs = link(elf, code, linker);
    List<MapSpec> specs = maps.specs();
    return new BpfObject(
        fileName,
        programs,
        typed ? specs : specs.stream().map(ObjectReader::untyped).toList(),
        externs.types(),
        license,
        objection,
        sections.ignored());
  }

  /** As a map is whose types Linux does not know: no part of its values is special. */
  private static MapSpec untyped(MapSpec spec) {
    MapSpec plain = spec.withFields(List.of());
    return plain.inner() == null ? plain : plain.withInner(untyped(plain.inner()));
  }

  private static long budget(Map<Integer, CodeSection> code) {
    long slots = code.values().stream().mapToLong(c -> c.instructions.length).sum();
    return Math.min(LINKED_SLOTS + LINKED_TIMES * slots, Math.max(MOST_LINKED_SLOTS, slots));
  }

  /**
   * The entry points of all sections but {@code .text}; a lone function in {@code .text} of an
   * object without other programs is one too, as libbpf has it.
   */
  private static List<BpfProgram> link(ElfFile elf, Map<Integer, CodeSection> code, Linker linker) {
    List<BpfProgram> programs = new ArrayList<>();
    List<CodeSection.Entry> text = new ArrayList<>();
    boolean other = false;
    for (ElfSection section : elf.sections()) {
      CodeSection own = code.get(section.index());
      if (own == null) {
        continue;
      }
      if (CodeReader.isText(section)) {
        text.addAll(own.entries);
        continue;
      }
      other = true;
      own.entries.forEach(entry -> programs.add(linker.link(entry)));
    }
    if (!other && text.size() == 1) {
      programs.add(linker.link(text.getFirst()));
    }
    return List.copyOf(programs);
  }
}
