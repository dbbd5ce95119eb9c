// Programs whose verdict depends on whether Linux takes their types. It does not with SPLIT, where
// the optimizer takes a static variable apart, nor with UNNAMED, where a parameter has no name.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifdef SPLIT
static struct {
  __u64 first;
  __u64 second;
} split;
#define TOUCH() (split.first++, split.second += 2)
#else
#define TOUCH() 0
#endif

#ifdef UNNAMED
__attribute__((noinline)) int extra(struct xdp_md *) { return 0; }
#define EXTRA(ctx) extra(ctx)
#else
#define EXTRA(ctx) 0
#endif

struct value {
  struct bpf_spin_lock lock;
  __u32 count;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct value);
} values SEC(".maps");

#ifdef ONLY_plain
SEC("xdp")
int plain(struct xdp_md *ctx) {
  TOUCH() + EXTRA(ctx);
  __u32 key = 1;
  struct value *v = bpf_map_lookup_elem(&values, &key);
  if (!v) return XDP_DROP;
  v->count++;
  return XDP_PASS;
}
#endif

// Good only for callers that have checked the frame: refused as a global function.
#ifdef ONLY_global
__attribute__((noinline)) int first_byte(void *data) { return *(unsigned char *)data; }
#endif

#ifdef ONLY_global
SEC("xdp")
int global(struct xdp_md *ctx) {
  TOUCH() + EXTRA(ctx);
  void *data = (void *)(long)ctx->data;
  if (data + 1 > (void *)(long)ctx->data_end) return XDP_DROP;
  return first_byte(data) & 1 ? XDP_PASS : XDP_DROP;
}
#endif

#ifdef ONLY_callback
static long each(__u32 turn, __u32 *count) {
  *count += turn;
  return 0;
}
#endif

#ifdef ONLY_callback
SEC("xdp")
int callback(struct xdp_md *ctx) {
  TOUCH() + EXTRA(ctx);
  __u32 count = 0;
  bpf_loop(10, each, &count, 0);
  return count;
}
#endif

#ifdef ONLY_locked
SEC("xdp")
int locked(struct xdp_md *ctx) {
  TOUCH() + EXTRA(ctx);
  __u32 key = 2;
  struct value *v = bpf_map_lookup_elem(&values, &key);
  if (!v) return XDP_DROP;
  bpf_spin_lock(&v->lock);
  v->count++;
  bpf_spin_unlock(&v->lock);
  return XDP_PASS;
}
#endif

// A lock that is nothing special in a map without types can be overwritten.
#ifdef ONLY_overwritten
SEC("xdp")
int overwritten(struct xdp_md *ctx) {
  TOUCH() + EXTRA(ctx);
  __u32 key = 3;
  struct value *v = bpf_map_lookup_elem(&values, &key);
  if (!v) return XDP_DROP;
  *(volatile __u32 *)&v->lock = 7;
  return XDP_PASS;
}
#endif

#ifdef ONLY_allocates
extern void *bpf_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

struct thing {
  __u64 number;
};

SEC("xdp")
int allocates(struct xdp_md *ctx) {
  TOUCH() + EXTRA(ctx);
  struct thing *mine = bpf_obj_new_impl(__builtin_btf_type_id(*(struct thing *)0, 0), 0);
  if (!mine) return XDP_DROP;
  bpf_obj_drop_impl(mine, 0);
  return XDP_PASS;
}
#endif

char _license[] SEC("license") = "GPL";
