package org.xdp4j.daemon.config.schema;

/**
 * One mistake in a file.
 *
 * @param file as the user named it
 * @param place where it stands
 * @param path the key or section it is about, as in {@code port.left.mtu}; empty for none
 * @param reason what is wrong, part of a sentence
 * @param advice what to do about it, part of a sentence; empty where the reason says it
 */
public record Problem(String file, Place place, String path, String reason, String advice) {
  /** One line for a person: place, what it is about, reason and advice. */
  @Override
  public String toString() {
    return file
        + ":"
        + place
        + ": "
        + (path.isEmpty() ? "" : path + ": ")
        + reason
        + (advice.isEmpty() ? "" : "; " + advice);
  }
}
