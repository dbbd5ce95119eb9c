package org.xdp4j.bpf.object;

import java.util.List;
import java.util.Map;

/**
 * An ELF file for BPF, its headers checked: sections lie within the file and do not overlap,
 * symbols lie within their sections, relocations patch what is there.
 *
 * @param name the file's name, for messages
 * @param symbols with their numbers as indexes
 * @param relocations by the number of the section they patch, ascending by offset
 */
record ElfFile(
    String name,
    List<ElfSection> sections,
    List<ElfSymbol> symbols,
    Map<Integer, List<ElfRelocation>> relocations) {

  /** The first section of this name, or null. */
  ElfSection section(String wanted) {
    for (ElfSection section : sections) {
      if (section.name().equals(wanted)) {
        return section;
      }
    }
    return null;
  }

  /** What patches {@code section}. */
  List<ElfRelocation> relocations(ElfSection section) {
    return relocations.getOrDefault(section.index(), List.of());
  }

  /** The complaint that something is wrong {@code offset} bytes into {@code section}. */
  ObjectException wrong(ElfSection section, long offset, String what) {
    return new ObjectException(name + ": " + Place.of(section, offset) + ": " + what);
  }
}
