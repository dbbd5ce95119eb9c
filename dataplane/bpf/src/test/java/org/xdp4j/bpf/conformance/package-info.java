/**
 * The instruction set, a rule a file: {@code src/test/resources/conformance/*.data}, run by the
 * interpreter, by compiled code and, where it can be asked, by the running kernel.
 */
package org.xdp4j.bpf.conformance;
