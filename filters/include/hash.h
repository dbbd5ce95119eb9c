/* SPDX-License-Identifier: Apache-2.0 */
/* A hash of 32-bit words for spreading flows: multiply, rotate, and mix well at the end. */
#ifndef XDP4J_HASH_H
#define XDP4J_HASH_H

#include <linux/types.h>

#include <bpf/bpf_helpers.h>

static __always_inline __u64 hash_word(__u64 hash, __u32 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash << 23 | hash >> 41;
}

static __always_inline __u64 hash_four(__u64 hash, const __u32 *words)
{
	hash = hash_word(hash, words[0]);
	hash = hash_word(hash, words[1]);
	hash = hash_word(hash, words[2]);
	return hash_word(hash, words[3]);
}

static __always_inline __u32 hash_finish(__u64 hash)
{
	hash ^= hash >> 29;
	hash *= 0xbf58476d1ce4e5b9ULL;
	return hash >> 32;
}

#endif
