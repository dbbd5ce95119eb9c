/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and bytes by flow, in a map of FLOW_MAP_TYPE that holds FLOW_MAP_ENTRIES. */
#include "count.h"
#include "rotate.h"

char _license[] SEC("license") = "Apache-2.0";

struct {
	__uint(type, FLOW_MAP_TYPE);
	__uint(max_entries, FLOW_MAP_ENTRIES);
	__type(key, struct flow);
	__type(value, struct count);
} flows SEC(".maps");

SEC("xdp")
int flow_counter(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct count first = { 1, frame_length(ctx) };
	struct count *count;
	struct flow flow;
	__u32 *turn;

	turn = take_flow(&cursor, choices, &flow);
	if (!turn)
		return XDP_PASS;
	count = bpf_map_lookup_elem(&flows, &flow);
	if (count)
		add(count, first.bytes);
	else
		bpf_map_update_elem(&flows, &flow, &first, BPF_NOEXIST);
	turn_on(turn);
	return XDP_DROP;
}
