package org.xdp4j.bpf.object;

/** Makes messages fit for a terminal, whatever names a file holds. */
final class Sentence {
  private static final int LONGEST = 500;

  private Sentence() {}

  /** {@code text} in one line, without control characters and not endless. */
  static String of(String text) {
    StringBuilder line = new StringBuilder(Math.min(text.length(), LONGEST));
    for (int i = 0; i < Math.min(text.length(), LONGEST); i++) {
      char c = text.charAt(i);
      line.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? '?' : c);
    }
    return text.length() > LONGEST ? line + "..." : line.toString();
  }
}
