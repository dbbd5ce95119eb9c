// rule: the packet is read behind what was compared with data_end
// cause: packet-bounds
// line: if (ip->protocol == 17)
// reason: packet load of 1 byte at offset 23 needs 24 bytes checked against data_end, but only 14 are
// advice: leave the path when data + 24 > data_end
// path: if (data + sizeof(*eth) > end) | packet + 14 > data_end is false
// path: if (eth->h_proto != bpf_htons(ETH_P_IP)) | != 8 is false
// counterexample: yes
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);

	if (data + sizeof(*eth) > end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
#ifdef MENDED
	if ((void *)(ip + 1) > end)
		return XDP_PASS;
#endif
	if (ip->protocol == 17)
		return XDP_DROP;
	return XDP_PASS;
}
