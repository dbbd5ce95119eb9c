package org.xdp4j.daemon.config.schema;

/**
 * A key of a section.
 *
 * @param name as it is written
 * @param type of its values
 * @param fallback the value without it; null where there is none
 * @param fallbackText the same for the reference page
 * @param isRequired whether a section needs it
 * @param meaning for the reference page: sentences, in Markdown
 */
public record Key<T>(
    String name,
    ValueType<T> type,
    T fallback,
    String fallbackText,
    boolean isRequired,
    String meaning) {}
