package org.xdp4j.engine.forward;

/** A plan cannot be applied: one sentence that names the part of the plan and what is wrong. */
public final class ForwarderException extends Exception {
  private static final long serialVersionUID = 1;

  private final String part;
  private final String reason;

  /** With its sentence. */
  public ForwarderException(String message) {
    this(message, null);
  }

  /** With its sentence and what it comes from. */
  public ForwarderException(String message, Throwable cause) {
    super(message, cause);
    this.part = null;
    this.reason = message;
  }

  private ForwarderException(String part, String reason, String message, Throwable cause) {
    super(message, cause);
    this.part = part;
    this.reason = reason;
  }

  /**
   * About a part that has a name.
   *
   * @param kind as in {@code program}
   * @param cause what it comes from, or null
   */
  static ForwarderException about(String kind, String name, String reason, Throwable cause) {
    String message = "%s '%s': %s".formatted(kind, name, reason);
    return new ForwarderException(kind + "." + name, message, message, cause);
  }

  /**
   * About a number of the plan.
   *
   * @param key as in {@code limits.ring}
   * @param cause what it comes from, or null
   */
  static ForwarderException ofKey(String key, String reason, Throwable cause) {
    return new ForwarderException(key, reason, key + ": " + reason, cause);
  }

  /** The part of the plan it is about, as in {@code program.firewall}; null where none is named. */
  public String part() {
    return part;
  }

  /** The sentence without the name of a number that it is about. */
  public String reason() {
    return reason;
  }
}
