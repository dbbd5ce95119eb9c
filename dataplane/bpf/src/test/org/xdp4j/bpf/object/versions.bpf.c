// One program in several versions that go on with each other's maps. Every run is counted once in
// `total`, once for its version, and once by the function it jumps to.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef VERSION
#define VERSION 1
#endif
#ifndef ENTRIES
#define ENTRIES 16
#endif

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} total SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ENTRIES);
  __type(key, __u32);
  __type(value, __u64);
#ifdef PINNED
  __uint(pinning, LIBBPF_PIN_BY_NAME);
#endif
} versions SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
} jumped SEC(".maps");

__u64 runs = 0;
const volatile __u32 version = VERSION;

int first(struct xdp_md *ctx);
int second(struct xdp_md *ctx);

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 4);
  __uint(key_size, sizeof(__u32));
  __array(values, int(struct xdp_md *));
} next SEC(".maps") = {
    .values = {[0] = (void *)&first, [1] = (void *)&second},
};

static __always_inline int jump(__u32 slot) {
  __u64 *count = bpf_map_lookup_elem(&jumped, &slot);
  if (count)
    *count += 1;
  return XDP_PASS;
}

SEC("xdp")
int first(struct xdp_md *ctx) { return jump(0); }

SEC("xdp")
int second(struct xdp_md *ctx) { return jump(1); }

SEC("xdp")
int count(struct xdp_md *ctx) {
  __u32 key = 0, own = version;
  __u64 one = 1, *value = bpf_map_lookup_elem(&total, &key);
  if (value)
    __sync_fetch_and_add(value, 1);
  __sync_fetch_and_add(&runs, 1);
  value = bpf_map_lookup_elem(&versions, &own);
  if (!value && bpf_map_update_elem(&versions, &own, &one, BPF_NOEXIST))
    value = bpf_map_lookup_elem(&versions, &own);
  if (value)
    __sync_fetch_and_add(value, 1);
  bpf_tail_call(ctx, &next, ctx->rx_queue_index & 3);
  return jump(3);
}

char _license[] SEC("license") = "GPL";
