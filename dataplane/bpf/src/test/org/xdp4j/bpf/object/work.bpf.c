// Work that a program hands over to run soon, and what it is told.
#include "allocated.h"

char LICENSE[] SEC("license") = "GPL";

struct bpf_wq {
  __u64 opaque[2];
} __attribute__((aligned(8)));

extern int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq,
                                    int(callback_fn)(void *map, int *key, void *value),
                                    unsigned int flags, void *aux__prog) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;

struct element {
  u64 runs;
  u64 sum;
  struct bpf_wq work;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, u32);
  __type(value, struct element);
} works SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, u32);
  __type(value, struct element);
} hashed SEC(".maps");

int results[16];

static int count(void *map, int *key, void *value)
{
  struct element *element = value;

  element->runs++;
  element->sum += *key + 10;
  if (element->runs < 3)
    bpf_wq_start(&element->work, 0);
  return 0;
}

SEC("xdp")
int hand_over(struct xdp_md *ctx)
{
  u32 key = 2;
  struct element *element = bpf_map_lookup_elem(&works, &key);
  if (!element)
    return 0;
  results[0] = bpf_wq_start(&element->work, 0);
  results[1] = bpf_wq_set_callback_impl(&element->work, count, 0, 0);
  results[2] = bpf_wq_init(&element->work, &works, 1);
  results[3] = bpf_wq_init(&element->work, &works, 0);
  results[4] = bpf_wq_init(&element->work, &works, 0);
  results[5] = bpf_wq_set_callback_impl(&element->work, count, 1, 0);
  results[6] = bpf_wq_start(&element->work, 4);
  results[7] = bpf_wq_set_callback_impl(&element->work, count, 0, 0);
  results[8] = bpf_wq_start(&element->work, 0);
  return 2;
}

SEC("xdp")
int hand_over_hashed(struct xdp_md *ctx)
{
  struct element fresh = {};
  u32 key = 1;
  struct element *element;

  bpf_map_update_elem(&hashed, &key, &fresh, 1);
  element = bpf_map_lookup_elem(&hashed, &key);
  if (!element)
    return 0;
  results[9] = bpf_wq_init(&element->work, &hashed, 0);
  results[10] = bpf_wq_set_callback_impl(&element->work, count, 0, 0);
  results[11] = bpf_wq_start(&element->work, 0);
  return 2;
}
