package org.xdp4j.daemon.cli;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.object.LineInfo;
import org.xdp4j.bpf.verifier.PathStep;
import org.xdp4j.bpf.verifier.Refusal;
import org.xdp4j.bpf.verifier.Warning;

/**
 * A refusal as a terminal shows it, in the manner of compilers:
 *
 * <pre>
 *  error[packet-bounds]: packet load of 1 byte at offset 23 needs 24 bytes checked ...
 *    --> parse.bpf.c:24:10 in parse, instruction 9: w1 = *(u8 *)(r1 + 0x17)
 *     |
 *  24 | if (ip->protocol == 17)
 *     |         ^
 *     = r1 is a packet pointer; 14 bytes of the packet are proven
 *     how it got there:
 *  18 | if (data + sizeof(*eth) > end)
 *     |     packet + 14 > data_end is false
 *     = help: before this access, leave the path when data + 24 > data_end
 * </pre>
 */
final class RefusalText {
  /** Longer source lines are cut. */
  private static final int WIDEST = 120;

  private final Style style;
  private final Refusal refusal;
  private final List<String> lines = new ArrayList<>();
  private final int gutter;

  private RefusalText(Refusal refusal, Style style) {
    this.refusal = refusal;
    this.style = style;
    int widest = number(refusal.line()).length();
    for (PathStep step : refusal.path()) {
      widest = Math.max(widest, number(step.line()).length());
    }
    this.gutter = Math.max(widest, 2);
  }

  /** The lines to print. */
  static List<String> of(Refusal refusal, Style style) {
    return new RefusalText(refusal, style).lines();
  }

  /** The lines to print of something that is accepted but looks like a mistake. */
  static List<String> of(Warning warning, Style style) {
    Refusal as =
        new Refusal(
            warning.cause(),
            warning.reason(),
            warning.instruction(),
            warning.text(),
            null,
            warning.line(),
            List.of(),
            List.of(),
            warning.advice(),
            List.of(),
            0);
    RefusalText text = new RefusalText(as, style);
    text.headline(style.warning("warning[" + warning.cause().id() + "]"));
    text.place();
    text.help();
    return text.lines;
  }

  private void headline(String kind) {
    lines.add(kind + style.strong(": " + refusal.reason()));
  }

  private void help() {
    if (refusal.advice() != null) {
      note(style.help("help") + ": " + refusal.advice());
    }
  }

  private List<String> lines() {
    lines.add(
        style.error("error[" + refusal.cause().id() + "]") + style.strong(": " + refusal.reason()));
    place();
    if (!refusal.values().isEmpty()) {
      for (Refusal.Value value : refusal.values()) {
        note("r" + value.register() + " is " + value.description());
      }
    }
    path();
    help();
    return lines;
  }

  private void place() {
    if (refusal.instruction() < 0) {
      return;
    }
    LineInfo line = refusal.line();
    String at =
        (line == null ? "" : line.location() + ":" + line.column() + " ")
            + (refusal.function() == null ? "" : "in " + refusal.function() + ", ")
            + "instruction "
            + refusal.instruction()
            + ": "
            + refusal.text();
    lines.add(" ".repeat(gutter) + style.frame("--> ") + at);
    if (line != null && !line.text().isEmpty()) {
      lines.add(bar());
      source(line);
      int caret = line.column() - 1 - line.indent();
      if (line.column() > 0 && caret >= 0 && caret < Math.min(line.text().length(), WIDEST)) {
        lines.add(bar() + " " + " ".repeat(caret) + style.error("^"));
      }
    }
  }

  private void path() {
    if (refusal.path().isEmpty()) {
      return;
    }
    note("the path that leads here:");
    LineInfo shown = null;
    for (PathStep step : refusal.path()) {
      LineInfo line = step.line();
      if (line != null && !isSame(line, shown)) {
        source(line);
      }
      shown = line == null ? shown : line;
      String times = step.times() > 1 ? " (" + Units.count(step.times()) + " times)" : "";
      String text =
          step.kind() == PathStep.Kind.OMISSION
              ? "... " + Units.counted(step.times(), "condition") + " not shown ..."
              : step.text() + times + toward(step);
      lines.add(bar() + "     " + text);
    }
  }

  private String toward(PathStep step) {
    LineInfo next = step.next();
    return next == null || isSame(next, step.line()) ? "" : ", on to line " + place(next);
  }

  private void source(LineInfo line) {
    String text = line.text().replace('\t', ' ');
    String cut = text.length() > WIDEST ? text.substring(0, WIDEST) + "..." : text;
    boolean elsewhere = refusal.line() != null && !line.file().equals(refusal.line().file());
    String number = Integer.toString(line.line());
    lines.add(
        " ".repeat(gutter - number.length())
            + style.frame(number + " |")
            + " "
            + cut
            + (elsewhere ? "   (" + line.file() + ")" : ""));
  }

  private void note(String text) {
    lines.add(" ".repeat(gutter) + style.frame(" = ") + text);
  }

  private String bar() {
    return " ".repeat(gutter) + style.frame(" |");
  }

  private String place(LineInfo line) {
    boolean here = refusal.line() != null && line.file().equals(refusal.line().file());
    return here ? Integer.toString(line.line()) : line.location();
  }

  private static boolean isSame(LineInfo a, LineInfo b) {
    return a != null && b != null && a.line() == b.line() && a.file().equals(b.file());
  }

  private static String number(LineInfo line) {
    return line == null ? "" : Integer.toString(line.line());
  }
}
