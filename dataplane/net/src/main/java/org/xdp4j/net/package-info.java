/**
 * The network stack: wire formats, and what becomes of frames. Knows no eBPF, no thread and no
 * port.
 */
package org.xdp4j.net;
