package org.xdp4j.engine.forward;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * One frame's way through the forwarder.
 *
 * @param number its place among the traced ones, from 1
 * @param time when it came in
 * @param port the port it came in by
 * @param frame its bytes then
 * @param steps what happened to it, in order; the last one is its end
 */
public record FrameStory(int number, Instant time, String port, byte[] frame, List<Step> steps) {
  /** Takes a copy of the list. */
  public FrameStory {
    steps = List.copyOf(steps);
  }

  /**
   * Something that happened to it.
   *
   * @param nanos since it came in
   * @param kind what part of the forwarder it happened in
   * @param text in words
   * @param source the line of the program it happened at, {@code file:line: text}; or null
   */
  public record Step(long nanos, Kind kind, String text, String source) {}

  /** Parts of the forwarder. */
  public enum Kind {
    /** It came in. */
    RECEIVED,
    /** A line of a program, a helper it called, or what it returned. */
    PROGRAM,
    /** What the stack found. */
    STACK,
    /** It left by a port. */
    TRANSMITTED,
    /** It was for the stack itself, or for a consumer of a map. */
    DELIVERED,
    /** It went to the punt port. */
    PUNTED,
    /** It was dropped. */
    DROPPED
  }

  /** How it ended: the last step's kind. */
  public Kind end() {
    return steps.getLast().kind();
  }

  /** The story, a line a step. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("frame %d, %d bytes, at %s%n".formatted(number, frame.length, time));
    for (Step step : steps) {
      text.append(
          "%10d ns  %-11s %s%n"
              .formatted(step.nanos(), step.kind().name().toLowerCase(Locale.ROOT), step.text()));
      if (step.source() != null) {
        text.append("%27s%s%n".formatted("at ", step.source()));
      }
    }
    return text.toString();
  }
}
