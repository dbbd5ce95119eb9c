/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP types by number: linux/icmp.h needs the headers of a C library, which BPF has not. */
#ifndef XDP4J_ICMP_H
#define XDP4J_ICMP_H

#include <linux/types.h>

/* RFC 792 and RFC 4443 share this beginning. */
struct icmp {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 rest;
};

enum icmp_type {
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER_PROBLEM = 12,
};

enum icmp6_type {
	ICMP6_UNREACHABLE = 1,
	ICMP6_PARAMETER_PROBLEM = 4,
	ICMP6_ECHO = 128,
	ICMP6_NEIGHBOUR_ADVERTISEMENT = 136,
	ICMP6_MLD2_REPORT = 143,
};

#endif
