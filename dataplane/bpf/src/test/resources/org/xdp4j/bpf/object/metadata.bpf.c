// What a program is told of how its frame came: each call's answer and what it wrote.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash, __u32 *type) __ksym;
extern int bpf_xdp_metadata_rx_vlan_tag(
    const struct xdp_md *ctx, __be16 *protocol, __u16 *tci) __ksym;

struct told {
  __s32 codes[4];
  __u64 timestamp;
  __u32 hash;
  __u32 type;
  __u16 protocol;
  __u16 tci;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct told);
} told SEC(".maps");

SEC("xdp") int asks(struct xdp_md *ctx) {
  __u32 zero = 0;
  struct told *out = bpf_map_lookup_elem(&told, &zero);
  if (!out)
    return 0;
  __u64 timestamp = 7;
  __u32 hash = 7, type = 7;
  __be16 protocol = 7;
  __u16 tci = 7;
  out->codes[0] = bpf_xdp_metadata_rx_timestamp(ctx, &timestamp);
  out->codes[1] = bpf_xdp_metadata_rx_hash(ctx, &hash, &type);
  out->codes[2] = bpf_xdp_metadata_rx_vlan_tag(ctx, &protocol, &tci);
  out->timestamp = timestamp;
  out->hash = hash;
  out->type = type;
  out->protocol = protocol;
  out->tci = tci;
  return 2;
}

char _license[] SEC("license") = "GPL";
