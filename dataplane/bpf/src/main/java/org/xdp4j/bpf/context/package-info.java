/**
 * What a running program is given: the frame it looks at ({@link org.xdp4j.bpf.context.XdpContext},
 * the kernel's {@code xdp_buff}), frames by the batch ({@link org.xdp4j.bpf.context.XdpBatch}) and
 * where its events go. Depends on {@code memory}.
 */
package org.xdp4j.bpf.context;
