/**
 * Helper functions: one table of id, name, signature and implementation, which verifier,
 * interpreter, compiler and documentation all read.
 *
 * <p>Each topic has a class: its {@code declare} method writes the table's rows, its public static
 * methods, all of one shape, are what runs. A new helper is a row and a method; a new topic also a
 * line in {@link org.xdp4j.bpf.helper.Helpers}. Signatures and return codes are Linux 6.18's
 * (linux/bpf.h, kernel/bpf/helpers.c, net/core/filter.c); tests run each helper here and in the
 * running kernel.
 *
 * <p>Arguments are trusted, because the verifier has proved them; numbers that the kernel declares
 * as 32 bits wide are cut to that here too. Depends on {@code memory}, {@code context} and {@code
 * map}.
 */
package org.xdp4j.bpf.helper;
