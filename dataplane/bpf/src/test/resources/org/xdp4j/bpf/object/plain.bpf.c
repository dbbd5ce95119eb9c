// SPDX-License-Identifier: Apache-2.0
// A program with global variables; with -DMAPS one of its counters is in a map.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 frames, octets;

#ifdef MAPS
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} counts SEC(".maps");
#endif

static __attribute__((noinline)) void count(__u64 length) {
  frames++;
  octets += length;
}

SEC("xdp")
int plain(struct xdp_md *ctx) {
  count(ctx->data_end - ctx->data);
#ifdef MAPS
  __u32 key = 0;
  __u64 *value = bpf_map_lookup_elem(&counts, &key);
  if (value)
    ++*value;
#endif
  return frames > 2 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
