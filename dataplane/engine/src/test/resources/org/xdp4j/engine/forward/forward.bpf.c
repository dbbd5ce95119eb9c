// SPDX-License-Identifier: Apache-2.0
// Programs that the forwarder's tests run; each redirects, counts or judges in its own way.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define AF_INET 2

const volatile __u32 target = 0;
const volatile __u32 version = 1;

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 16);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 16);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_cpumap_val));
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

static __always_inline void add(__u32 key)
{
	__u64 *count = bpf_map_lookup_elem(&counts, &key);
	if (count)
		*count += 1;
}

static __always_inline struct iphdr *ipv4(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return 0;
	return ip;
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
	add(0);
	add(version);
	return XDP_PASS;
}

SEC("xdp")
int block(struct xdp_md *ctx)
{
	struct iphdr *ip = ipv4(ctx);
	if (!ip)
		return XDP_PASS;
	__u32 source = ip->saddr;
	__u32 *found = bpf_map_lookup_elem(&blocked, &source);
	if (found)
		return XDP_DROP;
	return XDP_PASS;
}

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	return bpf_redirect(target, 0);
}

SEC("xdp")
int reflect(struct xdp_md *ctx)
{
	return XDP_TX;
}

SEC("xdp")
int judge(struct xdp_md *ctx)
{
	// The last byte of the destination address is what is returned.
	struct iphdr *ip = ipv4(ctx);
	return ip ? bpf_ntohl(ip->daddr) & 0xff : XDP_PASS;
}

SEC("xdp")
int to_port(struct xdp_md *ctx)
{
	struct iphdr *ip = ipv4(ctx);
	return ip ? bpf_redirect_map(&ports, bpf_ntohl(ip->daddr) & 0xf, 0) : XDP_PASS;
}

SEC("xdp")
int to_all(struct xdp_md *ctx)
{
	return bpf_redirect_map(&ports, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
}

SEC("xdp/devmap")
int on_port(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	if ((void *)(eth + 1) > end)
		return XDP_DROP;
	eth->h_source[5] = ctx->egress_ifindex;
	return XDP_PASS;
}

SEC("xdp/devmap")
int no_port(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("xdp")
int to_cpu(struct xdp_md *ctx)
{
	struct iphdr *ip = ipv4(ctx);
	return ip ? bpf_redirect_map(&cpus, bpf_ntohl(ip->saddr) & 1, 0) : XDP_PASS;
}

SEC("xdp/cpumap")
int on_cpu(struct xdp_md *ctx)
{
	add(3);
	return XDP_PASS;
}

SEC("xdp")
int to_socket(struct xdp_md *ctx)
{
	return bpf_redirect_map(&sockets, 0, XDP_PASS);
}

SEC("xdp")
int record(struct xdp_md *ctx)
{
	__u32 *room = bpf_ringbuf_reserve(&records, sizeof(__u32), 0);
	if (room) {
		*room = ctx->ingress_ifindex;
		bpf_ringbuf_submit(room, 0);
	}
	bpf_printk("frame on %d", ctx->ingress_ifindex);
	return XDP_PASS;
}

SEC("xdp")
int route(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	struct bpf_fib_lookup fib = {};
	fib.family = AF_INET;
	fib.tos = ip->tos;
	fib.l4_protocol = ip->protocol;
	fib.tot_len = bpf_ntohs(ip->tot_len);
	fib.ipv4_src = ip->saddr;
	fib.ipv4_dst = ip->daddr;
	fib.ifindex = ctx->ingress_ifindex;
	if (bpf_fib_lookup(ctx, &fib, sizeof(fib), 0) != BPF_FIB_LKUP_RET_SUCCESS)
		return XDP_PASS;
	__builtin_memcpy(eth->h_dest, fib.dmac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, fib.smac, ETH_ALEN);
	__u32 sum = ip->check + bpf_htons(0x0100);
	ip->check = sum + (sum >= 0xffff);
	ip->ttl--;
	return bpf_redirect(fib.ifindex, 0);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
