// SPDX-License-Identifier: Apache-2.0
// Following pointers through a kernel's structures, and writing to the one member that may be.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct net_device {
	int ifindex;
	char name[16];
};

struct net {
	int ifindex;
	struct net_device *loopback_dev;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct nf_conn {
	unsigned long status;
	__u32 mark;
	possible_net_t ct_net;
};

struct xfrm_replay_state_esn {
	__u32 replay_window;
};

struct xfrm_state {
	struct xfrm_replay_state_esn *replay_esn;
};

struct tcp_sock {
	__u32 snd_cwnd;
};

#pragma clang attribute pop

struct ct_options {
	__s32 netns, error;
	__u8 protocol, direction, reserved[2];
};

struct xfrm_options {
	__s32 error, netns;
	__u32 mark, address[4], spi;
	__u8 protocol, reserved;
	__u16 family;
};

extern struct nf_conn *bpf_xdp_ct_lookup(struct xdp_md *ctx, struct bpf_sock_tuple *tuple,
					 __u32 size, struct ct_options *options,
					 __u32 options_size) __ksym;
extern void bpf_ct_release(struct nf_conn *connection) __ksym;
extern struct xfrm_state *bpf_xdp_get_xfrm_state(struct xdp_md *ctx, struct xfrm_options *options,
						 __u32 size) __ksym;
extern void bpf_xdp_xfrm_state_release(struct xfrm_state *state) __ksym;

char _license[] SEC("license") = "GPL";
__u64 seen;

#define CONNECTION(NAME, WHAT)                                                                     \
	SEC("xdp") int NAME(struct xdp_md *ctx)                                                    \
	{                                                                                          \
		struct bpf_sock_tuple tuple = {};                                                  \
		struct ct_options options = {.netns = -1, .protocol = 6};                          \
		struct nf_conn *ct =                                                               \
			bpf_xdp_ct_lookup(ctx, &tuple, sizeof(tuple.ipv4), &options, 12);          \
		if (!ct)                                                                           \
			return XDP_PASS;                                                           \
		WHAT;                                                                              \
		bpf_ct_release(ct);                                                                \
		return XDP_DROP;                                                                   \
	}

CONNECTION(mark, ct->mark = 7; seen = ct->mark)
CONNECTION(half_of_the_mark, *(volatile __u16 *)&ct->mark = 7)
CONNECTION(added_to_the_mark, __sync_fetch_and_add(&ct->mark, 1))
CONNECTION(two_pointers, seen = ct->ct_net.net->loopback_dev->ifindex)
CONNECTION(a_letter, seen = ct->ct_net.net->loopback_dev->name[3])
CONNECTION(fail_status, ct->status = 7)
CONNECTION(fail_behind_the_mark, *((volatile __u32 *)&ct->mark + 1) = 7)
CONNECTION(fail_wide_mark, *(volatile __u64 *)&ct->mark = 7)
CONNECTION(fail_half_a_pointer, seen = *(volatile __u32 *)&ct->ct_net.net)
CONNECTION(fail_written_through, ct->ct_net.net->ifindex = 1)
CONNECTION(fail_far_behind, seen = *((volatile char *)&ct->mark + 100000))

SEC("xdp") int replay(struct xdp_md *ctx)
{
	struct xfrm_options options = {.netns = -1};
	struct xfrm_state *state = bpf_xdp_get_xfrm_state(ctx, &options, sizeof(options));
	if (!state)
		return XDP_PASS;
	if (state->replay_esn)
		seen = state->replay_esn->replay_window;
	bpf_xdp_xfrm_state_release(state);
	return XDP_DROP;
}

#define SOCKET(NAME, WHAT)                                                                         \
	SEC("xdp") int NAME(struct xdp_md *ctx)                                                    \
	{                                                                                          \
		struct bpf_sock_tuple tuple = {};                                                  \
		struct bpf_sock *sk = bpf_skc_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv4), -1, 0);  \
		if (!sk)                                                                           \
			return XDP_PASS;                                                           \
		struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);                                    \
		if (tcp)                                                                           \
			WHAT;                                                                      \
		bpf_sk_release(sk);                                                                \
		return XDP_DROP;                                                                   \
	}

SOCKET(window, seen = tcp->snd_cwnd)
SOCKET(fail_window, tcp->snd_cwnd = 3)
