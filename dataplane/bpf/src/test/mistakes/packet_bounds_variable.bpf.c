// rule: a header of variable length moves the pointer, and nothing is compared afterwards
// cause: packet-bounds
// line: if (udp->dest == bpf_htons(53))
// reason: at offset 16 from its variable part needs 18 bytes checked against data_end, but none are
// advice: add the variable part first, then leave the path when that pointer + 18 > data_end
// path: udp = (void *)ip + ip->ihl * 4; | was computed here
// counterexample: yes
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp;

	if ((void *)(ip + 1) > end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != 17)
		return XDP_PASS;
	udp = (void *)ip + ip->ihl * 4;
#ifdef MENDED
	if ((void *)(udp + 1) > end)
		return XDP_PASS;
#endif
	if (udp->dest == bpf_htons(53))
		return XDP_DROP;
	return XDP_PASS;
}
