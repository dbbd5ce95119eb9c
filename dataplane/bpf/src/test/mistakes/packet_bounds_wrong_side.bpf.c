// rule: the access stands on the wrong side of the comparison
// cause: packet-bounds
// line: return eth->h_proto == 8 ? XDP_DROP : XDP_PASS;
// reason: bytes checked against data_end, but none are
// advice: leave the path when data + 13 > data_end
// path: if (data + sizeof(*eth) <= end) | packet + 14 <= data_end is false
// counterexample: yes
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

#ifdef MENDED
	if (data + sizeof(*eth) > end)
#else
	if (data + sizeof(*eth) <= end)
#endif
		return XDP_PASS;
	return eth->h_proto == 8 ? XDP_DROP : XDP_PASS;
}
