/**
 * What may be seen of maps' lock-free paths while another thread changes them: stress tests for
 * jcstress, which tries every pair of interpreted and compiled code. {@code mvn -B verify
 * -Pjcstress -pl dataplane/bpf} runs them.
 */
package org.xdp4j.bpf.map;
