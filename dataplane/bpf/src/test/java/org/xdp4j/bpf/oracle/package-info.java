/**
 * The running kernel as a test oracle: the same bytes loaded and run through {@code bpf(2)},
 * without libbpf or any C. Needs root on Linux; tests that use it are skipped without.
 */
package org.xdp4j.bpf.oracle;
