// SPDX-License-Identifier: Apache-2.0
/*
 * For DPDK's rte_bpf, which knows no maps and no sections but .text: given a frame's first byte, 0
 * for what is dropped. testpmd loads it by `bpf-load rx PORT QUEUE J FILE`. What parse_macswap of
 * path.bpf.c does before it swaps.
 */
#include "parse.h"

__u64 entry(void *frame)
{
	struct ethernet *ethernet = frame;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if (ethernet->protocol != bpf_htons(ETH_P_IP))
		return 0;
	if (ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
		return 0;
	return udp->dest != bpf_htons(7);
}
