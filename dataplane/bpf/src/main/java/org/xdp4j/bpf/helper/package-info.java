/**
 * Helper functions: one table of id, name, signature and implementation, which verifier,
 * interpreter, compiler and documentation all read. Depends on {@code memory}, {@code context} and
 * {@code map}.
 */
package org.xdp4j.bpf.helper;
