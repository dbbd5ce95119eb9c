package org.xdp4j.bpf.object;

/** Where in an object something is, as messages say it. */
final class Place {
  private Place() {}

  /** {@code offset} bytes into {@code section}. */
  static String of(ElfSection section, long offset) {
    return of(section.name(), offset);
  }

  /** {@code offset} bytes into the section of this name. */
  static String of(String section, long offset) {
    String name = section.isEmpty() ? "without name" : section;
    return "section " + name + ", offset 0x" + Long.toHexString(offset);
  }
}
