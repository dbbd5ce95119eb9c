// What helpers with callbacks, timers, locks and records return over the edges of their arguments:
// each run takes its arguments from one map and leaves what was returned in another.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_res_spin_lock {
  __u32 val;
};
extern int bpf_res_spin_lock_irqsave(struct bpf_res_spin_lock *lock, unsigned long *flags) __ksym;
extern void bpf_res_spin_unlock_irqrestore(struct bpf_res_spin_lock *lock, unsigned long *flags)
    __ksym;

struct arguments {
  __u64 a[8];
};
struct results {
  __s64 r[16];
};
struct timed {
  struct bpf_timer timer;
  __u64 more;
};
struct locked {
  struct bpf_spin_lock lock;
  __u32 more;
  __u64 sum;
};
struct resilient {
  struct bpf_res_spin_lock lock;
  __u32 more;
};
struct counted {
  __u64 calls;
  __u64 stop;
};

#define MAP(name, kind, entries, of)   \
  struct {                             \
    __uint(type, BPF_MAP_TYPE_##kind); \
    __uint(max_entries, entries);      \
    __type(key, __u32);                \
    __type(value, of);                 \
  } name SEC(".maps")

MAP(arguments, ARRAY, 1, struct arguments);
MAP(results, ARRAY, 1, struct results);
MAP(timed, HASH, 1, struct timed);
MAP(locks, ARRAY, 1, struct locked);
MAP(resilient, ARRAY, 2, struct resilient);
MAP(each_array, ARRAY, 4, __u64);
MAP(each_percpu_array, PERCPU_ARRAY, 3, __u64);
MAP(each_hash, HASH, 8, __u64);
MAP(each_percpu_hash, PERCPU_HASH, 8, __u64);
MAP(each_lru_hash, LRU_HASH, 64, __u64);

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 20);
} ring SEC(".maps");

// The declarations of libbpf have narrower arguments than the helpers.
static long (*const loop)(__u64, void *, void *, __u64) = (void *)181;
static long (*const reserve)(void *, __u64, __u64, struct bpf_dynptr *) = (void *)198;

#define BEGIN                                                          \
  __u32 zero = 0;                                                      \
  struct arguments *in = bpf_map_lookup_elem(&arguments, &zero);       \
  struct results *out = bpf_map_lookup_elem(&results, &zero);          \
  if (!in || !out)                                                     \
    return 0;

static int ring_once(void *map, __u32 *key, struct timed *value) { return 0; }

static __always_inline long step(struct timed *timed_value, __u64 what, struct arguments *in) {
  switch (what) {
    case 1:
      return bpf_timer_init(&timed_value->timer, &timed, in->a[4]);
    case 2:
      return bpf_timer_set_callback(&timed_value->timer, ring_once);
    case 3:
      return bpf_timer_start(&timed_value->timer, in->a[5], in->a[6]);
    case 4:
      return bpf_timer_cancel(&timed_value->timer);
    default:
      return 77;
  }
}

SEC("xdp") int timers(struct xdp_md *ctx) {
  BEGIN
  struct timed *value = bpf_map_lookup_elem(&timed, &zero);
  if (!value)
    return 1;
  out->r[0] = step(value, in->a[0], in);
  out->r[1] = step(value, in->a[1], in);
  out->r[2] = step(value, in->a[2], in);
  out->r[3] = step(value, in->a[3], in);
  return 2;
}

static long turn(__u64 index, struct counted *counted) {
  counted->calls++;
  return counted->calls >= counted->stop;
}

SEC("xdp") int loops(struct xdp_md *ctx) {
  BEGIN
  struct counted called = {0, in->a[2]};
  struct counted inlined = {0, in->a[2]};
  out->r[0] = loop(in->a[0], turn, &called, in->a[1]);
  out->r[1] = loop(in->a[0], turn, &inlined, 0);
  out->r[2] = called.calls;
  out->r[3] = inlined.calls;
  return 2;
}

static long visit(void *map, const void *key, void *value, struct counted *counted) {
  counted->calls++;
  return counted->calls >= counted->stop;
}

#define EACH(map, index)                                                   \
  {                                                                        \
    struct counted counted = {0, in->a[1]};                                \
    out->r[index] = bpf_for_each_map_elem(&map, visit, &counted, in->a[0]); \
    out->r[index + 1] = counted.calls;                                     \
  }

SEC("xdp") int walks(struct xdp_md *ctx) {
  BEGIN
  EACH(each_array, 0)
  EACH(each_percpu_array, 2)
  EACH(each_hash, 4)
  EACH(each_percpu_hash, 6)
  EACH(each_lru_hash, 8)
  return 2;
}

SEC("xdp") int records(struct xdp_md *ctx) {
  BEGIN
  struct bpf_dynptr record;
  __u64 word = 0x1122334455667788;
  out->r[0] = reserve(&ring, in->a[0], in->a[1], &record);
  out->r[1] = bpf_dynptr_write(&record, in->a[2], &word, sizeof(word), 0);
  out->r[2] = bpf_dynptr_read(&word, sizeof(word), &record, in->a[2], 0);
  if (in->a[3])
    bpf_ringbuf_submit_dynptr(&record, in->a[4]);
  else
    bpf_ringbuf_discard_dynptr(&record, in->a[4]);
  out->r[3] = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
  out->r[4] = bpf_ringbuf_query(&ring, BPF_RB_PROD_POS);
  out->r[5] = bpf_ringbuf_query(&ring, in->a[5]);
  out->r[6] = word;
  return 2;
}

SEC("xdp") int sums(struct xdp_md *ctx) {
  BEGIN
  struct locked *value = bpf_map_lookup_elem(&locks, &zero);
  if (!value)
    return 1;
  bpf_spin_lock(&value->lock);
  value->sum += in->a[0];
  __u64 sum = value->sum;
  bpf_spin_unlock(&value->lock);
  out->r[0] = sum;
  return 2;
}

SEC("xdp") int deadlocks(struct xdp_md *ctx) {
  BEGIN
  __u32 first_key = in->a[0] & 1, second_key = in->a[1] & 1;
  struct resilient *first = bpf_map_lookup_elem(&resilient, &first_key);
  struct resilient *second = bpf_map_lookup_elem(&resilient, &second_key);
  unsigned long flags, more_flags;
  if (!first || !second)
    return 1;
  int code = bpf_res_spin_lock_irqsave(&first->lock, &flags);
  out->r[0] = code;
  if (code)
    return 1;
  code = bpf_res_spin_lock_irqsave(&second->lock, &more_flags);
  out->r[1] = code;
  if (!code)
    bpf_res_spin_unlock_irqrestore(&second->lock, &more_flags);
  bpf_res_spin_unlock_irqrestore(&first->lock, &flags);
  return 2;
}

char _license[] SEC("license") = "GPL";
