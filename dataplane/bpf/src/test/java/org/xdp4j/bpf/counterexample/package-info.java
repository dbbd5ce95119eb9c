/** Tests of what is said of common mistakes, and of the frames that show them. */
package org.xdp4j.bpf.counterexample;
