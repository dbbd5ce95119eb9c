/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One frame stands for many: the kernel's BPF_PROG_TEST_RUN runs a program over one frame and does
 * not put it back in between, so each program here chooses by a generator which flow or destination
 * the frame belongs to this time. Both sides of a comparison run the same object, so both pay for it.
 *
 * The generator is a linear congruential one, of which the high bits are the good ones. Its state is
 * in the frame, behind the UDP header: as in traffic, what a frame is looked up by depends on nothing
 * but the frame. Where all frames are alike, it is the program's own.
 */
#ifndef XDP4J_BENCH_ROTATE_H
#define XDP4J_BENCH_ROTATE_H

#include "parse.h"

/* Set before loading: how many flows, entries or routes there are to choose among. */
const volatile __u32 choices = 1;

/* The state of the program's own generator. */
__u32 turn;

static __always_inline __u32 after(__u32 state)
{
	return state * 1664525 + 1013904223;
}

/* A number below limit. */
static __always_inline __u32 choose_below(__u32 limit)
{
	turn = after(turn);
	return (__u64)turn * limit >> 32;
}

/* The state of the frame's generator. */
static __always_inline __u32 *take_turn(struct cursor *cursor)
{
	__u32 *turn = cursor->at;

	return skip(cursor, sizeof(*turn)) ? turn : NULL;
}

/* A number below limit, the same until the frame's generator is turned on. */
static __always_inline __u32 choose_by(const __u32 *state, __u32 limit)
{
	return (__u64)*state * limit >> 32;
}

/* Has the frame be another one the next time. */
static __always_inline void turn_on(__u32 *state)
{
	*state = after(*state);
}

/* Spreads small numbers over 32 bits, each to one of its own. */
static __always_inline __u32 spread(__u32 number)
{
	return number * 2654435761u;
}

struct flow {
	__be32 source;
	__be32 destination;
	__be16 source_port;
	__be16 destination_port;
	__u32 protocol;
};

/*
 * The flow of an IPv4 packet with ports, its source address counted up by a number below limit. What
 * it gives back is to be turned on, or NULL.
 */
static __always_inline __u32 *take_packet_flow(struct cursor *cursor, __u32 limit,
					       struct flow *flow)
{
	struct transport transport;
	struct iphdr *ip;
	struct udphdr *udp;
	__u32 *turn;

	if (!take_ipv4(cursor, &ip, &transport) || transport.later_fragment)
		return NULL;
	udp = cursor->at;
	if (!skip(cursor, sizeof(*udp)))
		return NULL;
	turn = take_turn(cursor);
	if (!turn)
		return NULL;
	flow->source = ip->saddr + choose_by(turn, limit);
	flow->destination = ip->daddr;
	flow->source_port = udp->source;
	flow->destination_port = udp->dest;
	flow->protocol = transport.protocol;
	return turn;
}

/* The same of a frame. */
static __always_inline __u32 *take_flow(struct cursor *cursor, __u32 limit, struct flow *flow)
{
	__be16 protocol;

	if (!take_ethernet(cursor, &protocol) || protocol != bpf_htons(ETH_P_IP))
		return NULL;
	return take_packet_flow(cursor, limit, flow);
}

#endif
