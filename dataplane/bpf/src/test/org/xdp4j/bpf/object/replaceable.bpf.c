// A program whose functions others replace.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct point {
  __u32 x;
  __u32 y;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u64);
} own SEC(".maps");

const volatile __u32 add = 3;

__noinline int plain(struct xdp_md *ctx) {
  volatile int result = 1;
  return ctx ? result : 0;
}

__noinline int moving(struct xdp_md *ctx) { return bpf_xdp_adjust_head(ctx, 0) + 1; }

__noinline int with_number(struct xdp_md *ctx, __u32 number) {
  volatile int result = number;
  return ctx ? result : 0;
}

__noinline int with_memory(struct point *at) { return at ? at->x + at->y : 7; }

static __noinline int local(struct xdp_md *ctx) {
  volatile int result = 5;
  return ctx->rx_queue_index + result;
}

SEC("xdp")
int sums(struct xdp_md *ctx) {
  struct point at = {.x = 1, .y = 2};
  __u32 key = 1;
  int sum = plain(ctx) + with_number(ctx, add) * 100 + with_memory(&at) * 10000 + local(ctx);
  __u64 *value = bpf_map_lookup_elem(&own, &key);
  if (value)
    *value += sum;
  return sum + moving(ctx) * 1000000;
}

char _license[] SEC("license") = "GPL";
