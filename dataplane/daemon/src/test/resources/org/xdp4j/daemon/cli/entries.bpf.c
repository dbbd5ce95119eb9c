// Programs for entries of maps, which user space puts there, and programs that go through these.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u32);
} jmp SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct bpf_devmap_val);
} dm SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} said SEC(".maps");

__u64 left_by = 0;

SEC("xdp")
int jumps(struct xdp_md *ctx) {
  bpf_tail_call(ctx, &jmp, 1);
  return XDP_PASS;
}

SEC("jmp/1")
int old(struct xdp_md *ctx) {
  return XDP_DROP;
}

SEC("xdp")
int back(struct xdp_md *ctx) {
  return XDP_TX;
}

SEC("xdp")
int leaves(struct xdp_md *ctx) {
  left_by++;
  return bpf_redirect_map(&dm, 7, 0);
}

SEC("xdp/devmap")
int leaving(struct xdp_md *ctx) {
  left_by += 1000;
  return XDP_PASS;
}

SEC("xdp")
int says(struct xdp_md *ctx) {
  __u32 word = 0x01020304;

  bpf_printk("a frame of %d bytes", (int)(ctx->data_end - ctx->data));
  bpf_ringbuf_output(&said, &word, sizeof(word), 0);
  return XDP_PASS;
}
