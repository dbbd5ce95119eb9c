package org.xdp4j.bpf.object;

/** What a section's name says of its programs (libbpf, {@code section_defs}). */
public enum ProgramType {
  /**
   * {@code xdp}, {@code xdp.frags}, {@code xdp/...} and bare old names beginning with {@code xdp}.
   */
  XDP,
  /**
   * {@code xdp/devmap}, {@code xdp.frags/devmap}: runs on a frame leaving through a devmap entry.
   */
  XDP_DEVMAP,
  /**
   * {@code xdp/cpumap}, {@code xdp.frags/cpumap}: runs on a frame arriving through a cpumap entry.
   */
  XDP_CPUMAP,
  /**
   * {@code freplace}, {@code freplace/FUNCTION}: takes the place of a global function of another
   * program (BPF_PROG_TYPE_EXT).
   */
  EXTENSION,
  /** Anything else: read and listed, run only when asked to be taken as XDP. */
  OTHER;

  private static final String REPLACES = "freplace/";

  /** Whether it is an XDP program of some kind. */
  public boolean isXdp() {
    return this != OTHER && this != EXTENSION;
  }

  /** The function that a program of this section is to replace; null when the section has none. */
  public static String replacedBy(String section) {
    String name = bare(section);
    return name.startsWith(REPLACES) ? name.substring(REPLACES.length()) : null;
  }

  /**
   * Whether programs of this section are of no type by themselves: iproute2 puts them into a
   * program array, and they are what jumps to them.
   */
  public static boolean isOfCaller(String section) {
    return TailSections.isOne(section);
  }

  private static String bare(String section) {
    return section.startsWith("?") ? section.substring(1) : section;
  }

  /**
   * What a program of this section is. A leading {@code ?}, which tells libbpf not to load the
   * program by itself, says nothing of its type.
   */
  static ProgramType ofSection(String section) {
    String name = bare(section);
    if (isOrIsBelow(name, "xdp/devmap")
        || isOrIsBelow(name, "xdp.frags/devmap")
        || isOrIsBelow(name, "xdp_devmap")) {
      return XDP_DEVMAP;
    }
    if (isOrIsBelow(name, "xdp/cpumap")
        || isOrIsBelow(name, "xdp.frags/cpumap")
        || isOrIsBelow(name, "xdp_cpumap")) {
      return XDP_CPUMAP;
    }
    if (isOrIsBelow(name, "freplace")) {
      return EXTENSION;
    }
    return name.startsWith("xdp") ? XDP : OTHER;
  }

  /** Whether a program of this section takes frames of several fragments. */
  static boolean fragsOfSection(String section) {
    String name = bare(section);
    return isOrIsBelow(name, "xdp.frags");
  }

  private static boolean isOrIsBelow(String name, String top) {
    return name.equals(top) || name.startsWith(top + "/");
  }
}
