package org.xdp4j.bpf.object;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfException;
import org.xdp4j.bpf.btf.BtfExt;
import org.xdp4j.bpf.btf.BtfLayoutException;

/**
 * The {@code .BTF} and {@code .BTF.ext} sections, as far as they can be read. To libbpf both are
 * optional: what it cannot read it warns of, and goes on as if it were not there, unless {@code
 * .maps} or {@code .struct_ops} need it (libbpf.c, bpf_object__init_btf). Externs need it too,
 * which are not found without.
 *
 * @param unread why there are no types, a clause; null when they were read, or there is no section
 * @param ignored why nothing is known of instructions, likewise
 */
record TypeSections(Btf btf, BtfExt ext, String unread, String ignored) {
  private static final String BTF = ".BTF";
  private static final String EXT = ".BTF.ext";
  private static final String STRUCT_OPS = ".struct_ops";

  static TypeSections read(ElfFile elf) throws ObjectException {
    ElfSection section = elf.section(BTF);
    if (section == null) {
      return new TypeSections(Btf.EMPTY, BtfExt.EMPTY, null, null);
    }
    try {
      return withExt(elf, Btf.parseLeniently(section.bytes()));
    } catch (BtfException e) {
      if (areNeeded(elf)) {
        throw elf.wrong(section, e.offset(), e.getMessage());
      }
      return new TypeSections(Btf.EMPTY, BtfExt.EMPTY, clause(section, e), null);
    }
  }

  private static TypeSections withExt(ElfFile elf, Btf btf) throws ObjectException {
    ElfSection section = elf.section(EXT);
    if (section == null || btf.count() == 1) {
      return new TypeSections(btf, BtfExt.EMPTY, null, null);
    }
    try {
      return new TypeSections(btf, BtfExt.parse(section.bytes(), btf), null, null);
    } catch (BtfException e) {
      if (areNeeded(elf) || !(e instanceof BtfLayoutException)) {
        throw elf.wrong(section, e.offset(), e.getMessage());
      }
      return new TypeSections(btf, BtfExt.EMPTY, null, clause(section, e));
    }
  }

  private static boolean areNeeded(ElfFile elf) {
    return elf.section(MapTable.BTF_MAPS) != null || elf.section(STRUCT_OPS) != null;
  }

  private static String clause(ElfSection section, BtfException e) {
    return Sentence.of(Place.of(section, e.offset()) + ": " + e.getMessage());
  }
}
