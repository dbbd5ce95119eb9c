// Programs that in one run allocate and give back, piece by piece, much more than there is memory.
#include "allocated.h"

#define TURNS 30000

struct words {
  u64 word[64];
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct words);
} words SEC(".maps");

struct thing {
  u64 number[16];
};

struct holder {
  struct thing __kptr *held;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct holder);
} holders SEC(".maps");

static long iterate(u32 turn, u32 *count) {
  u32 zero = 0;
  struct words *w = bpf_map_lookup_elem(&words, &zero);
  if (!w) return 1;
  w->word[turn & 63] = turn;
  struct bpf_iter_bits outer, inner;
  bpf_iter_bits_new(&outer, w->word, 64);
  bpf_iter_bits_new(&inner, w->word, 2 + turn % 30);
  *count += bpf_iter_bits_next(&outer) != 0;
  *count += bpf_iter_bits_next(&inner) != 0;
  bpf_iter_bits_destroy(&inner);
  bpf_iter_bits_destroy(&outer);
  return 0;
}

SEC("xdp")
int iterators(struct xdp_md *ctx) {
  u32 count = 0;
  bpf_loop(TURNS, iterate, &count, 0);
  return count;
}

static long allocate(u32 turn, u32 *count) {
  struct thing *mine = bpf_obj_new(struct thing);
  if (!mine) return 0;
  *count += mine->number[3] == 0;
  mine->number[3] = turn;
  bpf_obj_drop(mine);
  return 0;
}

SEC("xdp")
int objects(struct xdp_md *ctx) {
  u32 count = 0;
  bpf_loop(TURNS, allocate, &count, 0);
  return count;
}

static long exchange(u32 turn, u32 *count) {
  u32 zero = 0;
  struct holder *holder = bpf_map_lookup_elem(&holders, &zero);
  struct thing *mine = bpf_obj_new(struct thing);
  if (!mine) return 0;
  if (!holder) {
    bpf_obj_drop(mine);
    return 1;
  }
  *count += 1;
  mine = bpf_kptr_xchg(&holder->held, mine);
  if (mine) bpf_obj_drop(mine);
  return 0;
}

// What others may still look at cannot be used again in the run: this one runs out of memory.
SEC("xdp")
int exchanges(struct xdp_md *ctx) {
  u32 count = 0;
  bpf_loop(TURNS, exchange, &count, 0);
  return count;
}

char _license[] SEC("license") = "GPL";
