package org.xdp4j.daemon.control.json;

/**
 * Text that is JSON already.
 *
 * @param text one value, well-formed
 */
public record RawJson(String text) {}
