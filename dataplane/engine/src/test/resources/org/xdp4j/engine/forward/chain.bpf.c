// Programs that say where they stand in a chain, as libxdp reads it (xdp/xdp_helpers.h).
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

#define RUN_CONFIG(program) _##program SEC(".xdp_run_config")

struct {
  __uint(priority, 5);
  __uint(XDP_TX, 1);
} RUN_CONFIG(zero);

struct {
  __uint(priority, 10);
  __uint(XDP_PASS, 1);
  __uint(XDP_DROP, 1);
} RUN_CONFIG(first);

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} order SEC(".maps");

/* Notes who runs, and gives four bits of the last byte of an IPv4 packet's destination. */
static int run(struct xdp_md *ctx, int who, int shift) {
  unsigned char *data = (void *)(long)ctx->data;
  __u32 zero = 0;
  __u64 *ran = bpf_map_lookup_elem(&order, &zero);

  if (ran)
    *ran = *ran * 31 + who;
  if (data + 34 > (unsigned char *)(long)ctx->data_end)
    return XDP_ABORTED;
  return data[33] >> shift & 15;
}

SEC("xdp")
int first(struct xdp_md *ctx) {
  return run(ctx, 2, 0);
}

SEC("xdp")
int zero(struct xdp_md *ctx) {
  return run(ctx, 1, 4);
}
