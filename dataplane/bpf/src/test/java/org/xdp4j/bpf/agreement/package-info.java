/**
 * Interpreter, compiled code and kernel over the same programs and packets: return code, packet and
 * maps must be the same.
 */
package org.xdp4j.bpf.agreement;
