package org.xdp4j.bpf.object;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.isa.SectionListing;

/**
 * A section of instructions as it stands in the file, nothing relocated: what a disassembler shows.
 *
 * @param name the section's name
 * @param code its bytes
 * @param symbols the functions and labels in it
 */
public record CodeListing(String name, byte[] code, List<SectionListing.Symbol> symbols) {

  /**
   * The code sections of an object file, in its order.
   *
   * @throws ObjectException saying in one sentence why the file cannot be read
   */
  public static List<CodeListing> read(Path path) throws ObjectException {
    String name = path.toString();
    try (InputStream stream = Files.newInputStream(path)) {
      byte[] bytes = stream.readNBytes(ObjectReader.MAX_FILE_SIZE + 1);
      if (bytes.length > ObjectReader.MAX_FILE_SIZE) {
        throw new ObjectException(name + ": the file is too large for an object file");
      }
      return of(ElfReader.read(name, bytes));
    } catch (NoSuchFileException e) {
      throw new ObjectException(name + ": there is no such file");
    } catch (AccessDeniedException e) {
      throw new ObjectException(name + ": it cannot be read: permission denied");
    } catch (IOException e) {
      throw new ObjectException(name + ": it cannot be read: " + e.getMessage());
    }
  }

  private static List<CodeListing> of(ElfFile elf) {
    List<CodeListing> listings = new ArrayList<>();
    for (ElfSection section : elf.sections()) {
      if (section.isCode() && section.size() > 0) {
        byte[] code = new byte[section.bytes().remaining()];
        section.bytes().duplicate().get(code);
        listings.add(new CodeListing(section.name(), code, symbols(elf, section)));
      }
    }
    return listings;
  }

  private static List<SectionListing.Symbol> symbols(ElfFile elf, ElfSection section) {
    return elf.symbols().stream()
        .filter(s -> s.section() == section.index() && !s.name().isEmpty())
        .filter(s -> s.isFunction() || s.isUntyped())
        .map(s -> new SectionListing.Symbol(s.value(), s.name()))
        .toList();
  }
}
