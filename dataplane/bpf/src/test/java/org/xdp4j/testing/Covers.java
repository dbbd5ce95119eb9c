package org.xdp4j.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The helpers, map types and kernel functions that a test, or every test of a class, proves, by
 * their names. The generated reference page shows them beside each.
 */
@Retention(RetentionPolicy.SOURCE)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Covers {
  /** Names such as {@code bpf_csum_diff} and {@code LPM_TRIE}. */
  String[] value();
}
