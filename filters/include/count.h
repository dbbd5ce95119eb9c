/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and bytes, the unit every filter here counts in. */
#ifndef XDP4J_COUNT_H
#define XDP4J_COUNT_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct count {
	__u64 frames;
	__u64 bytes;
};

static __always_inline __u64 frame_length(const struct xdp_md *ctx)
{
	return (long)ctx->data_end - (long)ctx->data;
}

/* For values that one CPU alone writes: per-CPU maps. */
static __always_inline void add(struct count *count, __u64 bytes)
{
	count->frames++;
	count->bytes += bytes;
}

/* For values that several CPUs share. */
static __always_inline void add_shared(struct count *count, __u64 bytes)
{
	__sync_fetch_and_add(&count->frames, 1);
	__sync_fetch_and_add(&count->bytes, bytes);
}

#endif
