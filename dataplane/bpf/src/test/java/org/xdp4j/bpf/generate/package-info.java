/**
 * Random programs, mostly valid, from fixed seeds: what interpreter, compiler, verifier and kernel
 * are compared on.
 */
package org.xdp4j.bpf.generate;
