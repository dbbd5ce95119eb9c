package org.xdp4j.daemon.cli;

/** Colours of a terminal (ECMA-48 SGR), or none where output goes elsewhere. */
enum Style {
  /** No colour at all. */
  PLAIN,
  /** For a terminal. */
  COLOURED;

  /** What is wrong. */
  String error(String text) {
    return in("1;31", text);
  }

  /** Frames and line numbers around quoted source. */
  String frame(String text) {
    return in("1;34", text);
  }

  /** What to do about it. */
  String help(String text) {
    return in("1;32", text);
  }

  /** What to look at first. */
  String strong(String text) {
    return in("1", text);
  }

  /** What could be taken for a mistake. */
  String warning(String text) {
    return in("1;33", text);
  }

  private String in(String codes, String text) {
    return this == PLAIN || text.isEmpty() ? text : "\033[" + codes + "m" + text + "\033[0m";
  }
}
