// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * Copies the beginning of every frame of a chosen length to user space as a perf event. The helper
 * is for GPL-compatible programs only, hence the choice of licences.
 */
#include "count.h"

char _license[] SEC("license") = "GPL";

#define SNAPSHOT 64

/* Read-only once loaded; a loader may set others first. */
const volatile __u32 shortest = 0;
const volatile __u32 longest = 1514;

struct event {
	__u64 time_ns;
	__u32 ifindex;
	__u32 length;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

struct outcome {
	struct count sent;
	struct count lost;
	struct count other_length;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct outcome);
} outcomes SEC(".maps");

SEC("xdp")
int perf_sampler(struct xdp_md *ctx)
{
	__u64 bytes = frame_length(ctx);
	__u64 snapshot = bytes < SNAPSHOT ? bytes : SNAPSHOT;
	struct event event = {};
	struct outcome *outcome;
	__u32 zero = 0;

	outcome = bpf_map_lookup_elem(&outcomes, &zero);
	if (!outcome)
		return XDP_ABORTED;
	if (bytes < shortest || bytes > longest) {
		add(&outcome->other_length, bytes);
		return XDP_PASS;
	}
	event.time_ns = bpf_ktime_get_ns();
	event.ifindex = ctx->ingress_ifindex;
	event.length = bytes;
	/* The flags' upper half asks for so many bytes of the frame behind the event. */
	if (bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | snapshot << 32, &event,
				  sizeof(event)))
		add(&outcome->lost, bytes);
	else
		add(&outcome->sent, bytes);
	return XDP_PASS;
}
