// A program of which several objects are built that share a map by its name.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ENTRIES);
  __uint(pinning, LIBBPF_PIN_BY_NAME);
  __type(key, __u32);
  __type(value, __u64);
} shared SEC(".maps");

SEC("xdp")
int NAME(struct xdp_md *ctx) {
  __u32 key = 0;
  __u64 *sum = bpf_map_lookup_elem(&shared, &key);

  if (sum)
    *sum += ADD;
  return XDP_PASS;
}
