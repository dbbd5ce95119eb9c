// rule: one value is compared with NULL, another one used
// cause: null-not-checked
// line: *second += 1;
// reason: value of map 'counts', or NULL
// advice: compare the pointer with NULL
// path: if (!first) | == 0 is false
// counterexample: yes
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	__u64 *first = bpf_map_lookup_elem(&counts, &key), *second;

	if (!first)
		return XDP_PASS;
	*first += 1;
	key = ctx->rx_queue_index;
	second = bpf_map_lookup_elem(&counts, &key);
#ifdef MENDED
	if (!second)
		return XDP_PASS;
#endif
	*second += 1;
	return XDP_PASS;
}
