// SPDX-License-Identifier: Apache-2.0
// Maps as cilium/ebpf takes them and libbpf does not: sizes left out, and the type of events.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
  __u32 length;
  __u32 queue;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
} bare SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __type(value, struct event);
} sampled SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
  __type(value, struct event);
} ring SEC(".maps");

struct inner {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
  __uint(max_entries, 8);
  __uint(key_size, 4);
  __array(values, struct inner);
} hash SEC(".maps");

SEC("xdp")
int events(struct xdp_md *ctx) {
  struct event event = {.length = ctx->data_end - ctx->data, .queue = 7};
  __u32 key = 0;
  bpf_perf_event_output(ctx, &bare, BPF_F_CURRENT_CPU, &event, sizeof(event));
  bpf_perf_event_output(ctx, &sampled, BPF_F_CURRENT_CPU, &event, sizeof(event));
  bpf_ringbuf_output(&ring, &event, sizeof(event), 0);
  return bpf_map_lookup_elem(&hash, &key) ? XDP_ABORTED : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
