// As XDP programs were written before 2018: a maps section of plain structs, helpers declared by
// hand, section names of the time, and built without BTF. STYLE chooses whose map definition:
// 0 libbpf, 1 samples/bpf, 2 iproute2.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#define SEC(NAME) __attribute__((section(NAME), used))

static void *(*bpf_map_lookup_elem)(void *map, void *key) = (void *) BPF_FUNC_map_lookup_elem;
static int (*bpf_map_update_elem)(void *map, void *key, void *value, unsigned long long flags) =
    (void *) BPF_FUNC_map_update_elem;
static int (*bpf_tail_call)(void *ctx, void *map, int index) = (void *) BPF_FUNC_tail_call;

struct definition {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int flags;
#if STYLE == 1
	unsigned int inner_idx;
	unsigned int numa_node;
#elif STYLE == 2
	unsigned int id;
	unsigned int pinning;
	unsigned int inner_id;
	unsigned int inner_idx;
#endif
};

struct definition SEC("maps") counts = {
	.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 256,
};

struct definition SEC("maps") sources = {
	.type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 16,
	.flags = BPF_F_NO_PREALLOC,
};

struct definition SEC("maps") jumps = {
	.type = BPF_MAP_TYPE_PROG_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 4,
};

SEC("xdp1")
int count(struct xdp_md *ctx)
{
	void *data = (void *) (long) ctx->data;
	void *end = (void *) (long) ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	unsigned int key;
	unsigned long long one = 1, *value;

	if (data + sizeof(*eth) + sizeof(*ip) > end)
		return XDP_ABORTED;
	if (eth->h_proto != __builtin_bswap16(ETH_P_IP))
		return XDP_PASS;
	key = ip->protocol;
	value = bpf_map_lookup_elem(&counts, &key);
	if (value)
		__sync_fetch_and_add(value, 1);
	key = ip->saddr;
	value = bpf_map_lookup_elem(&sources, &key);
	if (value)
		*value += 1;
	else
		bpf_map_update_elem(&sources, &key, &one, BPF_NOEXIST);
	return ip->protocol == 17 ? XDP_DROP : XDP_TX;
}

SEC("xdp_jump")
int jump(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &jumps, 2);
	return XDP_PASS;
}

SEC("prog")
int iproute(struct xdp_md *ctx)
{
	return ctx->data_end - ctx->data > 60 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0x40c00;
