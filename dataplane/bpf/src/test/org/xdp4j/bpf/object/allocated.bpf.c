// Programs that allocate objects and keep them in lists, trees and map values from run to run; what
// they return depends on all that was kept.
#include "allocated.h"

char LICENSE[] SEC("license") = "GPL";

struct item {
  u64 number;
  struct bpf_list_node node;
};

struct leaf {
  u64 key;
  struct bpf_rb_node node;
  u64 sum;
};

struct both {
  u32 key;
  struct bpf_refcount refs;
  struct bpf_rb_node in_tree;
  struct bpf_list_node in_list;
};

struct plain {
  u64 a;
  u32 b;
  u8 c[12];
};

struct count {
  u64 packets;
  u64 bytes;
};

struct slot {
  struct plain __kptr *kept;
  u64 turns;
};

struct cell {
  struct count __percpu_kptr *counts;
};

struct shelf {
  struct bpf_spin_lock lock;
  struct bpf_list_head list __contains(item, node);
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, u32);
  __type(value, struct slot);
} slots SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct cell);
} cells SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8);
  __type(key, u32);
  __type(value, struct shelf);
} shelves SEC(".maps");

#define private(name) SEC(".bss." #name) __attribute__((aligned(8)))
private(A) struct bpf_spin_lock list_lock;
private(A) struct bpf_list_head list __contains(item, node);
private(B) struct bpf_spin_lock tree_lock;
private(B) struct bpf_rb_root tree __contains(leaf, node);
private(C) struct bpf_spin_lock both_lock;
private(C) struct bpf_rb_root both_tree __contains(both, in_tree);
private(C) struct bpf_list_head both_list __contains(both, in_list);

u32 listed, planted;

SEC("xdp")
int lists(struct xdp_md *ctx) {
  u32 seed, result = 7;
  if (!seed_of(ctx, &seed)) return 0;
  for (int i = 0; i < 4; i++) {
    struct item *item = bpf_obj_new(struct item);
    if (!item) return 1;
    item->number = next(&seed);
    bool front = next(&seed) & 1;
    bpf_spin_lock(&list_lock);
    if (front)
      bpf_list_push_front(&list, &item->node);
    else
      bpf_list_push_back(&list, &item->node);
    struct bpf_list_node *end = front ? bpf_list_back(&list) : bpf_list_front(&list);
    if (end) result = result * 31 + container_of(end, struct item, node)->number;
    bpf_spin_unlock(&list_lock);
    __sync_fetch_and_add(&listed, 1); /* workers share it */
  }
  for (int i = 0; i < 6; i++) {
    if (i >= 3 && listed < 40) break;
    bool front = next(&seed) & 1;
    struct bpf_list_node *node;
    bpf_spin_lock(&list_lock);
    node = front ? bpf_list_pop_front(&list) : bpf_list_pop_back(&list);
    bpf_spin_unlock(&list_lock);
    if (!node) {
      result ^= 0x5555;
      continue;
    }
    __sync_fetch_and_add(&listed, -1);
    struct item *item = container_of(node, struct item, node);
    result = result * 33 + item->number;
    bpf_obj_drop(item);
  }
  return result;
}

static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b) {
  return container_of(a, struct leaf, node)->key < container_of(b, struct leaf, node)->key;
}

SEC("xdp")
int trees(struct xdp_md *ctx) {
  u32 seed, result = 9;
  if (!seed_of(ctx, &seed)) return 0;
  for (int i = 0; i < 3; i++) {
    struct leaf *leaf = bpf_obj_new(struct leaf);
    if (!leaf) return 1;
    leaf->key = next(&seed) & 0xff;
    leaf->sum = i;
    bpf_spin_lock(&tree_lock);
    bpf_rbtree_add(&tree, &leaf->node, less);
    bpf_spin_unlock(&tree_lock);
    __sync_fetch_and_add(&planted, 1);
  }
  for (int turn = 0; turn < 5; turn++) {
    struct bpf_rb_node *node, *at, *found;
    if (turn >= 2 && planted < 60) break;
    u32 way = next(&seed);
    bpf_spin_lock(&tree_lock);
    at = bpf_rbtree_root(&tree);
    if (!at) {
      bpf_spin_unlock(&tree_lock);
      break;
    }
    for (int depth = 0; depth < 5; depth++) {
      struct leaf *here = container_of(at, struct leaf, node);
      result = result * 31 + here->key;
      found = way >> depth & 1 ? bpf_rbtree_left(&tree, at) : bpf_rbtree_right(&tree, at);
      if (!found) break;
      at = found;
    }
    node = bpf_rbtree_remove(&tree, at);
    bpf_spin_unlock(&tree_lock);
    if (!node) continue;
    __sync_fetch_and_add(&planted, -1);
    struct leaf *leaf = container_of(node, struct leaf, node);
    result = result * 33 + leaf->key + leaf->sum;
    bpf_obj_drop(leaf);
  }
  bpf_spin_lock(&tree_lock);
  struct bpf_rb_node *first = bpf_rbtree_first(&tree);
  if (first) result ^= container_of(first, struct leaf, node)->key << 8;
  bpf_spin_unlock(&tree_lock);
  return result;
}

SEC("xdp")
int kptrs(struct xdp_md *ctx) {
  u32 seed, result = 11;
  if (!seed_of(ctx, &seed)) return 0;
  for (int i = 0; i < 3; i++) {
    u32 key = next(&seed) & 3;
    struct slot *slot = bpf_map_lookup_elem(&slots, &key);
    if (!slot) return 1;
    struct plain *seen = slot->kept;
    if (seen) result = result * 31 + seen->b + seen->c[3];
    struct plain *made = 0;
    if (next(&seed) & 3) {
      made = bpf_obj_new(struct plain);
      if (!made) return 2;
      made->a = next(&seed);
      made->b = ++slot->turns;
      made->c[3] = seed;
    }
    struct plain *old = bpf_kptr_xchg(&slot->kept, made);
    if (old) {
      result = result * 33 + old->a;
      bpf_obj_drop(old);
    }
    if ((next(&seed) & 15) == 0) {
      struct slot empty = {.turns = 3};
      bpf_map_update_elem(&slots, &key, &empty, BPF_ANY);
    }
  }
  return result;
}

static bool less_both(struct bpf_rb_node *a, const struct bpf_rb_node *b) {
  return container_of(a, struct both, in_tree)->key < container_of(b, struct both, in_tree)->key;
}

SEC("xdp")
int refcounts(struct xdp_md *ctx) {
  u32 seed, result = 13;
  if (!seed_of(ctx, &seed)) return 0;
  struct both *made = bpf_obj_new(struct both);
  if (!made) return 1;
  made->key = next(&seed) & 0xffff;
  struct both *again = bpf_refcount_acquire(made);
  bpf_spin_lock(&both_lock);
  bpf_rbtree_add(&both_tree, &made->in_tree, less_both);
  bpf_list_push_back(&both_list, &again->in_list);
  result = result * 31 + made->key;
  bpf_spin_unlock(&both_lock);
  if (next(&seed) & 1) {
    bpf_spin_lock(&both_lock);
    struct bpf_list_node *node = bpf_list_pop_front(&both_list);
    bpf_spin_unlock(&both_lock);
    if (node) {
      struct both *listed = container_of(node, struct both, in_list);
      result = result * 33 + listed->key;
      bpf_spin_lock(&both_lock);
      int refused = bpf_list_push_front(&both_list, &listed->in_list);
      bpf_spin_unlock(&both_lock);
      result += refused;
    }
  }
  if (next(&seed) & 1) {
    bpf_spin_lock(&both_lock);
    struct bpf_rb_node *first = bpf_rbtree_first(&both_tree), *removed = 0;
    if (first) removed = bpf_rbtree_remove(&both_tree, first);
    bpf_spin_unlock(&both_lock);
    if (removed) {
      struct both *planted = container_of(removed, struct both, in_tree);
      result = result * 35 + planted->key;
      bpf_spin_lock(&both_lock);
      // In a list already, or not any more: then it is in this one.
      int refused = bpf_list_push_front(&both_list, &planted->in_list);
      bpf_spin_unlock(&both_lock);
      result = result * 37 + refused;
    }
  }
  return result;
}

SEC("xdp")
int per_cpu(struct xdp_md *ctx) {
  u32 seed, zero = 0;
  if (!seed_of(ctx, &seed)) return 0;
  struct cell *cell = bpf_map_lookup_elem(&cells, &zero);
  if (!cell) return 1;
  struct count __percpu_kptr *counts = cell->counts;
  if (!counts) {
    counts = bpf_percpu_obj_new(struct count);
    if (!counts) return 2;
    counts = bpf_kptr_xchg(&cell->counts, counts);
    if (counts) bpf_percpu_obj_drop_impl(counts, 0);
    counts = cell->counts;
    if (!counts) return 3;
    struct count *mine = bpf_this_cpu_ptr(counts);
    mine->packets = 100;
    mine->bytes = 0;
  }
  struct count *mine = bpf_this_cpu_ptr(counts);
  mine->packets++;
  mine->bytes += next(&seed) & 0xfff;
  struct count *same = (void *)bpf_per_cpu_ptr(counts, bpf_get_smp_processor_id());
  return same->packets * 1000 + same->bytes;
}

SEC("xdp")
int hashed(struct xdp_md *ctx) {
  u32 seed, result = 17;
  if (!seed_of(ctx, &seed)) return 0;
  u32 key = next(&seed) & 7;
  struct shelf *shelf = bpf_map_lookup_elem(&shelves, &key);
  if (!shelf) {
    struct shelf empty = {};
    bpf_map_update_elem(&shelves, &key, &empty, BPF_ANY);
    shelf = bpf_map_lookup_elem(&shelves, &key);
    if (!shelf) return 1;
    result = 19;
  }
  struct item *item = bpf_obj_new(struct item);
  if (!item) return 2;
  item->number = next(&seed);
  bpf_spin_lock(&shelf->lock);
  bpf_list_push_back(&shelf->list, &item->node);
  struct bpf_list_node *first = bpf_list_front(&shelf->list);
  if (first) result = result * 31 + container_of(first, struct item, node)->number;
  bpf_spin_unlock(&shelf->lock);
  if ((next(&seed) & 3) == 0) bpf_map_delete_elem(&shelves, &key);
  return result;
}
