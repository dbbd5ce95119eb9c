/**
 * What the engine asks of Linux itself, through the foreign-function API: system calls ({@link
 * org.xdp4j.engine.linux.Syscalls}), many of them at once ({@link org.xdp4j.engine.linux.IoUring}),
 * and network interfaces ({@link org.xdp4j.engine.linux.NetworkInterface}). Nothing here is loaded
 * before a port of the system's is opened. Depends on nothing of the engine.
 *
 * <p>Numbers are those of the kernel's generic headers (asm-generic), which x86-64 and AArch64
 * share. Results are as the kernel has them: a negative one is an {@link
 * org.xdp4j.engine.linux.Errno}.
 */
package org.xdp4j.engine.linux;
