// Maps that people fill: maps of maps, what has no keys, and global variables.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct item {
  __u32 a, b;
};

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 3);
  __type(value, struct item);
} queue SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_STACK);
  __uint(max_entries, 3);
  __type(value, __u32);
} stack SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
  __uint(max_entries, 8);
  __type(value, __u32);
} seen SEC(".maps");

struct inner {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
} first SEC(".maps"), second SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, __u64);
  __type(value, __u64);
} wide SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
  __uint(max_entries, 4);
  __type(key, __u32);
  __array(values, struct inner);
} holder SEC(".maps") = {.values = {[1] = (void *)&first}};

struct {
  __uint(type, BPF_MAP_TYPE_CPUMAP);
  __uint(max_entries, 8);
  __type(key, __u32);
  __type(value, struct bpf_cpumap_val);
} workers SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_XSKMAP);
  __uint(max_entries, 8);
  __type(key, __u32);
  __type(value, __u32);
} sockets SEC(".maps");

__u64 frames;
__u64 found;
__u32 popped;
__u8 small;
__u64 limit = 7;

SEC("xdp") int by_hand(struct xdp_md *ctx) {
  __u32 key = 3, number = 0;
  __u64 one = 1;
  struct item item = {};
  frames++;
  void *map = bpf_map_lookup_elem(&holder, &key);
  if (map) {
    bpf_map_update_elem(map, &key, &one, 0);
    found++;
  }
  if (!bpf_map_pop_elem(&queue, &item))
    popped = item.a;
  if (!bpf_map_pop_elem(&stack, &number))
    popped += number * 100;
  number = 7;
  if (!bpf_map_peek_elem(&seen, &number))
    popped += 10000;
  if (frames > limit)
    return bpf_redirect_map(&workers, 0, 0);
  return small ? bpf_redirect_map(&sockets, 0, XDP_PASS) : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
