// Programs for a chain, each with where it wants to stand: what they return and what they do to the
// frame depends on the frame.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define XDP_RUN_CONFIG(f) _##f SEC(".xdp_run_config")

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 256);
  __type(key, __u32);
  __type(value, __u64);
} seen SEC(".maps");

static __always_inline int byte_of(struct xdp_md *ctx, int offset) {
  __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  return data + offset + 1 <= end ? data[offset] : 0;
}

static __always_inline void count(__u32 key) {
  __u64 one = 1, *value = bpf_map_lookup_elem(&seen, &key);
  if (value)
    *value += 1;
  else
    bpf_map_update_elem(&seen, &key, &one, BPF_ANY);
}

struct {
  __uint(priority, 10);
  __uint(XDP_PASS, 1);
  __uint(XDP_DROP, 1);
} XDP_RUN_CONFIG(early);

SEC("xdp")
int early(struct xdp_md *ctx) {
  count(byte_of(ctx, 0));
  return byte_of(ctx, 0) % 6;
}

struct {
  __uint(priority, 20);
  __uint(XDP_PASS, 0);
  __uint(XDP_TX, 1);
} XDP_RUN_CONFIG(shifting);

SEC("xdp")
int shifting(struct xdp_md *ctx) {
  if (bpf_xdp_adjust_head(ctx, 2))
    return XDP_ABORTED;
  return byte_of(ctx, 1) & 1 ? XDP_TX : XDP_PASS;
}

SEC("xdp")
int usual(struct xdp_md *ctx) {
  __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  if (data + 8 > end)
    return XDP_DROP;
  data[5] ^= 0x55;
  return data[3] & 3 ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int another(struct xdp_md *ctx) {
  count(1000 + byte_of(ctx, 2) % 8);
  return byte_of(ctx, 2) & 7 ? XDP_PASS : XDP_REDIRECT;
}

struct {
  __uint(priority, 1000000000);
  __uint(XDP_PASS, 1);
  __uint(XDP_ABORTED, 1);
} XDP_RUN_CONFIG(late);

SEC("xdp")
int late(struct xdp_md *ctx) {
  bpf_xdp_adjust_tail(ctx, -1);
  return byte_of(ctx, 4) % 40;
}

struct {
  __uint(priority, 7);
  __uint(XDP_WRONG, 1);
} XDP_RUN_CONFIG(mistaken);

SEC("xdp.frags")
int mistaken(struct xdp_md *ctx) { return XDP_PASS; }

char _license[] SEC("license") = "GPL";
