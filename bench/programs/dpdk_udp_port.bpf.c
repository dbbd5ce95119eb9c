// SPDX-License-Identifier: Apache-2.0
/*
 * What filters/udp_port.bpf.c does with frames of IPv4 without options, for DPDK's rte_bpf: given a
 * frame's first byte, 0 for what is dropped. See dpdk_parse.bpf.c.
 */
#include "parse.h"

__u64 entry(void *frame)
{
	struct ethernet *ethernet = frame;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if (ethernet->protocol != bpf_htons(ETH_P_IP))
		return 0;
	if (ip->ihl != 5 || ip->protocol != IPPROTO_UDP || ip->frag_off & bpf_htons(IPV4_OFFSET_MASK))
		return 0;
	return udp->source == bpf_htons(53) || udp->dest == bpf_htons(53);
}
