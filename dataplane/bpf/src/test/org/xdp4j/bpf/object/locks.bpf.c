// Programs that take locks in map values.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct counted {
  __u32 before;
  struct bpf_spin_lock lock;
  __u64 first;
  __u64 second;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct counted);
} table SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, struct counted);
} array SEC(".maps");

static __always_inline int count(void *map, __u32 key) {
  struct counted *value = bpf_map_lookup_elem(map, &key);

  if (!value)
    return 0;
  bpf_spin_lock(&value->lock);
  value->first++;
  value->second += 2;
  bpf_spin_unlock(&value->lock);
  return value->second - value->first;
}

SEC("xdp")
int count_in_array(struct xdp_md *ctx) { return count(&array, 1); }

SEC("xdp")
int count_in_table(struct xdp_md *ctx) {
  struct counted fresh = {.before = 7, .first = 20, .second = 30};
  __u32 key = 5;
  int hash = 1;

  hash = hash * 31 + bpf_map_update_elem(&table, &key, &fresh, BPF_F_LOCK | BPF_EXIST);
  hash = hash * 31 + bpf_map_update_elem(&table, &key, &fresh, BPF_F_LOCK);
  hash = hash * 31 + bpf_map_update_elem(&table, &key, &fresh, BPF_F_LOCK | BPF_NOEXIST);
  hash = hash * 31 + count(&table, key);
  hash = hash * 31 + bpf_map_update_elem(&table, &key, &fresh, BPF_ANY);
  hash = hash * 31 + count(&table, key);
  hash = hash * 31 + bpf_map_update_elem(&table, &key, &fresh, BPF_F_LOCK | BPF_EXIST);
  hash = hash * 31 + bpf_map_update_elem(&table, &key, &fresh, 8);
  hash = hash * 31 + count(&table, key);
  key = 1;
  hash = hash * 31 + bpf_map_update_elem(&array, &key, &fresh, BPF_F_LOCK);
  hash = hash * 31 + bpf_map_update_elem(&array, &key, &fresh, BPF_F_LOCK | BPF_NOEXIST);
  key = 2;
  hash = hash * 31 + bpf_map_update_elem(&array, &key, &fresh, BPF_F_LOCK);
  return hash * 31 + count(&array, 1);
}
