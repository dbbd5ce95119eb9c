/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as traffic has destinations: few are common, most are rare. With as many of each octave,
 * from 2^k up to 2^(k + 1), number n comes up in proportion to 1 / n, which is Zipf's law with an
 * exponent of 1, a step an octave.
 */
#ifndef XDP4J_BENCH_SKEW_H
#define XDP4J_BENCH_SKEW_H

#include "rotate.h"

/* Set before loading: how many octaves; 0 to have all numbers equally often. */
const volatile __u32 octaves;

/* A number below limit, which is at most 2^octaves. */
static __always_inline __u32 choose_skewed_below(__u32 limit)
{
	__u32 octave, number;

	if (octaves == 0)
		return choose_below(limit);
	octave = choose_below(octaves);
	turn = after(turn);
	number = (1u << octave) + (__u32)((__u64)turn >> (32 - octave));
	return (__u64)number * limit >> octaves;
}

#endif
