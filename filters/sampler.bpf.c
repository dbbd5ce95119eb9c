// SPDX-License-Identifier: Apache-2.0
/*
 * Shows one frame in so many to user space: its first bytes and where it came from, through a ring
 * buffer. Every frame is passed on.
 */
#include "count.h"
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

#define SNAPSHOT 96

/* Read-only once loaded; a loader may set others first. 0 samples nothing. */
const volatile __u32 one_in = 64;
/* By chance, each frame alike, rather than every one_in-th: for traffic that comes in rhythms. */
const volatile bool at_random = false;

struct sample {
	__u64 time_ns;
	__u32 ifindex;
	__u32 queue;
	__u32 length;
	/* Bytes of the snapshot that are the frame's, a multiple of four; the rest is zero. */
	__u32 captured;
	__u32 snapshot[SNAPSHOT / 4];
};

struct sampling {
	struct count seen;
	struct count sampled;
	/* The reader was too slow: the ring buffer was full. */
	struct count lost;
	/* Frames since the last sample. */
	__u64 since;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 262144);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sampling);
} sampling SEC(".maps");

/* A map of a ring buffer has no value type by which its records could be described: BTF gets it here. */
const struct sample *sample_type __attribute__((unused));

static __always_inline bool is_due(struct sampling *sampling)
{
	if (!one_in)
		return false;
	if (at_random)
		return bpf_get_prandom_u32() % one_in == 0;
	if (++sampling->since < one_in)
		return false;
	sampling->since = 0;
	return true;
}

static __always_inline void take_snapshot(struct cursor cursor, struct sample *sample)
{
	sample->captured = 0;
#pragma clang loop unroll(full)
	for (int i = 0; i < SNAPSHOT / 4; i++) {
		__u32 *word = cursor.at;

		if (skip(&cursor, sizeof(*word))) {
			sample->snapshot[i] = *word;
			sample->captured += sizeof(*word);
		} else {
			sample->snapshot[i] = 0;
		}
	}
}

SEC("xdp")
int sampler(struct xdp_md *ctx)
{
	__u64 bytes = frame_length(ctx);
	struct sampling *state;
	struct sample *sample;
	__u32 zero = 0;

	state = bpf_map_lookup_elem(&sampling, &zero);
	if (!state)
		return XDP_ABORTED;
	add(&state->seen, bytes);
	if (!is_due(state))
		return XDP_PASS;
	sample = bpf_ringbuf_reserve(&samples, sizeof(*sample), 0);
	if (!sample) {
		add(&state->lost, bytes);
		return XDP_PASS;
	}
	sample->time_ns = bpf_ktime_get_ns();
	sample->ifindex = ctx->ingress_ifindex;
	sample->queue = ctx->rx_queue_index;
	sample->length = bytes;
	take_snapshot(cursor_of(ctx), sample);
	bpf_ringbuf_submit(sample, 0);
	add(&state->sampled, bytes);
	return XDP_PASS;
}
