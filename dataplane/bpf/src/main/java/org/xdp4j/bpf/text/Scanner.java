package org.xdp4j.bpf.text;

import java.util.ArrayList;
import java.util.List;

/** Walks over a text: spaces, signs, names and words. Knows nothing of types. */
final class Scanner {
  private final String text;
  private int at;

  Scanner(String text) {
    this.text = text;
  }

  /** The character that comes next, spaces skipped; 0 at the end. */
  char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  /** Takes {@code sign} when it comes next. */
  boolean take(char sign) {
    if (peek() != sign) {
      return false;
    }
    at++;
    return true;
  }

  void expect(char sign) throws TextException {
    if (!take(sign)) {
      throw new TextException("expected '" + sign + "' " + where());
    }
  }

  /** Nothing but spaces may follow. */
  void expectEnd() throws TextException {
    if (peek() != 0) {
      throw new TextException("did not expect '" + text.substring(at) + "' " + where());
    }
  }

  /** The place, in words for a message. */
  String where() {
    String before = text.substring(0, at).strip();
    return before.isEmpty() ? "at the beginning" : "behind '" + before + "'";
  }

  /** Takes a word: letters, digits and what numbers, names and addresses are made of. */
  String word() {
    peek();
    int start = at;
    while (at < text.length() && isWordPart(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  /**
   * Takes the name of a field and the colon or equals sign behind it: {@code name:}, {@code .name
   * =}, {@code "name":}.
   *
   * @return null, with nothing taken, when no such thing comes next
   */
  String fieldName() {
    peek();
    int start = at;
    boolean quoted = take('"');
    if (!quoted) {
      take('.');
    }
    int nameStart = at;
    while (at < text.length() && isNamePart(text.charAt(at))) {
      at++;
    }
    String name = text.substring(nameStart, at);
    boolean closed = !quoted || take('"');
    if (closed && !name.isEmpty() && (take(':') || take('='))) {
      return name;
    }
    at = start;
    return null;
  }

  /** Goes back to an earlier {@link #position}. */
  void reset(int position) {
    at = position;
  }

  int position() {
    return at;
  }

  /** Takes a string in double quotes or a character in single ones, without them. */
  String quoted() throws TextException {
    char quote = peek();
    int start = at++;
    StringBuilder result = new StringBuilder();
    while (at < text.length() && text.charAt(at) != quote) {
      char c = text.charAt(at++);
      if (c == '\\' && at < text.length()) {
        c = escaped(text.charAt(at++));
      }
      result.append(c);
    }
    if (at >= text.length()) {
      throw new TextException("the " + quote + " at character " + (start + 1) + " is never closed");
    }
    at++;
    return result.toString();
  }

  /** Takes everything up to the closing parenthesis, and that too. */
  String inParentheses() throws TextException {
    expect('(');
    int end = text.indexOf(')', at);
    if (end < 0) {
      throw new TextException("a closing ')' is missing");
    }
    String inside = text.substring(at, end).strip();
    at = end + 1;
    return inside;
  }

  private static char escaped(char c) {
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case '0' -> '\0';
      default -> c;
    };
  }

  private static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$';
  }

  private static boolean isWordPart(char c) {
    return isNamePart(c) || c == '.' || c == ':' || c == '/' || c == '-' || c == '+';
  }

  /** Where {@code signs} stand in {@code text} outside of quotes and brackets of any kind. */
  static List<Integer> outside(String text, char sign) {
    List<Integer> places = new ArrayList<>();
    int depth = 0;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '{' || c == '[' || c == '(') {
        depth++;
      } else if (c == '}' || c == ']' || c == ')') {
        depth--;
      } else if (c == sign && depth == 0) {
        places.add(i);
      }
    }
    return places;
  }
}
