// Memory that programs and user space share: variables, a list through it, and pages that come and
// go.
#include "allocated.h"

char LICENSE[] SEC("license") = "GPL";

#define __arena __attribute__((address_space(1)))
#ifndef __ulong // of libbpf since 1.4
#define __ulong(name, val) enum { long_value_of_##name = val } name
#endif
#define PAGE 4096
#define ORDERS 48

struct bpf_wq {
  __u64 opaque[2];
} __attribute__((aligned(8)));

extern int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq,
                                    int(callback_fn)(void *map, int *key, void *value),
                                    unsigned int flags, void *aux__prog) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;
extern void __arena *bpf_arena_alloc_pages(void *p__map, void __arena *addr__ign, u32 page_cnt,
                                           int node_id, u64 flags) __ksym;
extern int bpf_arena_reserve_pages(void *p__map, void __arena *ptr__ign, u32 page_cnt) __ksym;
extern void bpf_arena_free_pages(void *p__map, void __arena *ptr__ign, u32 page_cnt) __ksym;

struct {
  __uint(type, 33 /* BPF_MAP_TYPE_ARENA */);
  __uint(map_flags, 1 << 10 /* BPF_F_MMAPABLE */);
  __uint(max_entries, 16);
  __ulong(map_extra, 1ull << 44);
} arena SEC(".maps");

struct element {
  struct bpf_wq work;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct element);
} works SEC(".maps");

struct node {
  struct node __arena *next;
  u64 value;
};

u64 __arena total = 7;
u32 __arena counts[4] = {1, 2, 3, 4};
struct node __arena *__arena head;
struct node __arena first;
struct node __arena second = {0, 30};

// What is asked for, and what came of it.
struct order {
  u32 what;
  u32 page;
  u32 count;
  u32 flags;
  u64 result;
  u64 found;
};

struct order orders[ORDERS];

SEC("xdp")
int variables(struct xdp_md *ctx)
{
  struct node __arena *node;
  u64 sum = 0;
  int i;

  for (i = 0; i < 4; i++)
    counts[i] += i + 1;
  __sync_fetch_and_add(&total, counts[3]);
  first.value = 12;
  first.next = &second;
  second.next = 0;
  head = &first;
  for (i = 0, node = head; i < 10 && node; i++, node = node->next)
    sum += node->value;
  return sum + total * 1000;
}

SEC("xdp")
int follow(struct xdp_md *ctx)
{
  struct node __arena *node = head;
  u64 sum = 0;
  int i;

  for (i = 0; i < 100 && node; i++) {
    sum = sum * 3 + node->value;
    node->value++;
    node = node->next;
  }
  return sum;
}

static int carry_out(void *map, int *key, void *value)
{
  int i;

  for (i = 0; i < ORDERS; i++) {
    struct order *order = &orders[i];
    void __arena *at = (void __arena *)((1ull << 44) + (u64)order->page * PAGE + (order->flags >> 8));
    u64 result = 0;

    switch (order->what) {
    case 0:
      result = (u64)bpf_arena_alloc_pages(&arena, 0, order->count, -1, order->flags & 1);
      break;
    case 1:
      result = (u64)bpf_arena_alloc_pages(&arena, at, order->count, -1, 0);
      break;
    case 2:
      bpf_arena_free_pages(&arena, at, order->count);
      break;
    case 3:
      result = bpf_arena_reserve_pages(&arena, at, order->count);
      break;
    default:
      result = *(u32 __arena *)at;
      *(u32 __arena *)at = i + 1;
      break;
    }
    order->result = result;
    order->found = *(u64 __arena *)at;
  }
  return 0;
}

SEC("xdp")
int hand_over(struct xdp_md *ctx)
{
  u32 key = 0;
  struct element *element = bpf_map_lookup_elem(&works, &key);

  // The compiler for the machine has to know the arena in the program that is loaded.
  if (!element || total == 12345)
    return 0;
  bpf_wq_init(&element->work, &works, 0);
  bpf_wq_set_callback_impl(&element->work, carry_out, 0, 0);
  return bpf_wq_start(&element->work, 0) == 0 ? 2 : 1;
}
