// rule: a key with padding that was never written finds nothing for sure: accepted, with a warning
// warning: uninitialised-memory
// line: value = bpf_map_lookup_elem(&flows, &flow);
// reason: byte 7 of the 8-byte key of map 'flows' was never written before bpf_map_lookup_elem reads it
// advice: clear the whole struct, its padding too
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	struct flow flow;
	__u64 *value;

#ifdef MENDED
	__builtin_memset(&flow, 0, sizeof(flow));
#endif
	flow.address = ctx->rx_queue_index;
	flow.port = 53;
	flow.protocol = 17;
	value = bpf_map_lookup_elem(&flows, &flow);
	return value ? XDP_DROP : XDP_PASS;
}
