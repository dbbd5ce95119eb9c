package org.xdp4j.bpf.btf;

/**
 * What is wrong with types that are laid out as they should be: libbpf does not look at it, and
 * kernels refuse such types.
 */
final class BtfFlaws {
  private final boolean strict;
  private String first;

  /**
   * Takes them, or refuses the first.
   *
   * @param strict whether to refuse it
   */
  BtfFlaws(boolean strict) {
    this.strict = strict;
  }

  void add(long offset, String what) throws BtfException {
    if (strict) {
      throw new BtfException(offset, what);
    }
    if (first == null) {
      first = what;
    }
  }

  /** The first one; null when there is none. */
  String first() {
    return first;
  }
}
