// Programs with timers in map values.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

#define CLOCK_MONOTONIC 1

struct element {
  __u64 rings;
  struct bpf_timer timer;
  __u64 period;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct element);
} array SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, __u32);
  __type(value, struct element);
} hash SEC(".maps");

__u64 order;
__u64 last_key;

static int ring(void *map, __u32 *key, struct element *element) {
  element->rings++;
  order = order * 10 + *key;
  if (element->period) {
    bpf_timer_start(&element->timer, element->period, 0);
  }
  return 0;
}

static int stop_itself(void *map, __u32 *key, struct element *element) {
  element->rings += 1000 - bpf_timer_cancel(&element->timer);
  return 0;
}

static long note(__u64 index, __u64 *sum) {
  *sum += index;
  return 0;
}

static int ring_loop(void *map, __u32 *key, struct element *element) {
  __u64 sum = 0;
  bpf_loop(10, note, &sum, 0);
  element->rings += sum;
  return 0;
}

SEC("xdp")
int codes(struct xdp_md *ctx) {
  __u32 key = 1;
  struct element *element = bpf_map_lookup_elem(&array, &key);
  if (!element) {
    return 0;
  }
  struct bpf_timer *timer = &element->timer;
  int sum = bpf_timer_start(timer, 1, 0);
  sum = sum * 3 + bpf_timer_cancel(timer);
  sum = sum * 3 + bpf_timer_set_callback(timer, ring);
  sum = sum * 3 + bpf_timer_init(timer, &array, 5);
  sum = sum * 3 + bpf_timer_init(timer, &array, 1 << 4);
  sum = sum * 3 + bpf_timer_init(timer, &array, CLOCK_MONOTONIC);
  sum = sum * 3 + bpf_timer_init(timer, &array, CLOCK_MONOTONIC);
  sum = sum * 3 + bpf_timer_start(timer, 1000000000, 0);
  sum = sum * 3 + bpf_timer_set_callback(timer, ring);
  sum = sum * 3 + bpf_timer_start(timer, 1000000000, 8);
  sum = sum * 3 + bpf_timer_start(timer, 1000000000, 0);
  sum = sum * 3 + bpf_timer_start(timer, 1000000000, 0);
  sum = sum * 3 + bpf_timer_cancel(timer);
  sum = sum * 3 + bpf_timer_cancel(timer);
  sum = sum * 3 + bpf_timer_start(timer, 1000000000, 0);
  return sum;
}

static int start(__u32 key, __u64 delay, __u64 period) {
  struct element fresh = {.period = period};
  bpf_map_update_elem(&hash, &key, &fresh, 0);
  struct element *element = bpf_map_lookup_elem(&hash, &key);
  if (!element) {
    return 1;
  }
  bpf_timer_init(&element->timer, &hash, CLOCK_MONOTONIC);
  bpf_timer_set_callback(&element->timer, ring);
  return bpf_timer_start(&element->timer, delay, 0);
}

SEC("xdp")
int arm(struct xdp_md *ctx) {
  int failed = start(3, 3000, 0);
  failed += start(1, 1000, 0);
  failed += start(2, 2000, 5000);
  __u32 key = 0;
  struct element *element = bpf_map_lookup_elem(&array, &key);
  if (element) {
    bpf_timer_init(&element->timer, &array, CLOCK_MONOTONIC);
    bpf_timer_set_callback(&element->timer, stop_itself);
    failed += bpf_timer_start(&element->timer, 1500, 0);
  }
  key = 2;
  element = bpf_map_lookup_elem(&array, &key);
  if (element) {
    bpf_timer_init(&element->timer, &array, CLOCK_MONOTONIC);
    bpf_timer_set_callback(&element->timer, ring_loop);
    failed += bpf_timer_start(&element->timer, 500, 0);
  }
  return failed;
}
