// Programs that start timers and hand over work, and keep a record of the order in which all ran.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

#define CLOCK_MONOTONIC 1
#define PERIOD 1000000

struct bpf_wq {
  __u64 opaque[2];
} __attribute__((aligned(8)));

extern int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags) __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq,
                                    int(callback_fn)(void *map, int *key, void *value),
                                    unsigned int flags, void *aux__prog) __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __ksym;

struct ticker {
  __u64 period;
  struct bpf_timer timer;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct ticker);
} tickers SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct ticker);
} passing SEC(".maps");

struct job {
  __u64 left;
  struct bpf_wq work;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct job);
} jobs SEC(".maps");

struct {
  __u64 frames, ticks, late, gone, full, worked, endless, order, last;
} seen;

static void note(__u64 what) {
  __u64 now = bpf_ktime_get_ns();
  seen.order = (seen.order * 31 + what) * 1000003 + now;
  if (now < seen.last)
    seen.late++;
  seen.last = now;
}

static int tick(void *map, __u32 *key, struct ticker *ticker) {
  note(1 + *key);
  seen.ticks++;
  bpf_timer_start(&ticker->timer, ticker->period, 0);
  return 0;
}

static int go(void *map, __u32 *key, struct ticker *ticker) {
  note(10);
  seen.gone++;
  bpf_map_delete_elem(&passing, key);
  return 0;
}

static int again(void *map, __u32 *key, struct ticker *ticker) {
  seen.endless++;
  bpf_timer_start(&ticker->timer, 0, 0);
  return 0;
}

static int other(void *map, __u32 *key, struct ticker *ticker) {
  __u32 next = 5 - *key;
  struct ticker *after = bpf_map_lookup_elem(&tickers, &next);

  seen.endless++;
  if (after)
    bpf_timer_start(&after->timer, 0, 0);
  return 0;
}

static int work(void *map, int *key, void *value) {
  struct job *job = value;

  note(20);
  seen.worked++;
  if (job->left) {
    job->left--;
    bpf_wq_start(&job->work, 0);
  }
  return 0;
}

static void begin(__u32 key, __u64 delay, __u64 period) {
  struct ticker *ticker = bpf_map_lookup_elem(&tickers, &key);
  if (!ticker)
    return;
  ticker->period = period;
  bpf_timer_init(&ticker->timer, &tickers, CLOCK_MONOTONIC);
  bpf_timer_set_callback(&ticker->timer, tick);
  bpf_timer_start(&ticker->timer, delay, 0);
}

/* Two timers that start themselves again, one a frame that ends an entry, and work of three steps. */
static void frame(void) {
  struct ticker fresh = {};
  struct ticker *ticker;
  struct job *job;
  __u32 zero = 0, key;

  note(30);
  if (!seen.frames++) {
    begin(0, PERIOD, PERIOD);
    begin(1, 7 * PERIOD, 3 * PERIOD);
  }
  key = seen.frames;
  if (bpf_map_update_elem(&passing, &key, &fresh, BPF_NOEXIST))
    seen.full++;
  ticker = bpf_map_lookup_elem(&passing, &key);
  if (ticker) {
    bpf_timer_init(&ticker->timer, &passing, CLOCK_MONOTONIC);
    bpf_timer_set_callback(&ticker->timer, go);
    bpf_timer_start(&ticker->timer, 0, 0);
  }
  job = bpf_map_lookup_elem(&jobs, &zero);
  if (!job)
    return;
  bpf_wq_init(&job->work, &jobs, 0);
  bpf_wq_set_callback_impl(&job->work, work, 0, 0);
  job->left = 2;
  bpf_wq_start(&job->work, 0);
}

SEC("xdp")
int stays(struct xdp_md *ctx) {
  frame();
  return XDP_PASS;
}

SEC("xdp")
int moves(struct xdp_md *ctx) {
  frame();
  bpf_xdp_adjust_head(ctx, -4);
  return XDP_PASS;
}

SEC("xdp.frags")
int parts(struct xdp_md *ctx) {
  frame();
  return XDP_PASS;
}

/* Has nothing to do with timers. */
SEC("xdp")
int quiet(struct xdp_md *ctx) {
  return XDP_PASS;
}

/* A timer that starts itself again at once. */
SEC("xdp")
int without_end(struct xdp_md *ctx) {
  __u32 key = 2;
  struct ticker *ticker = bpf_map_lookup_elem(&tickers, &key);

  seen.frames++;
  if (!ticker)
    return XDP_DROP;
  bpf_timer_init(&ticker->timer, &tickers, CLOCK_MONOTONIC);
  bpf_timer_set_callback(&ticker->timer, again);
  bpf_timer_start(&ticker->timer, 0, 0);
  return XDP_PASS;
}

/* Two timers that start each other at once. */
SEC("xdp")
int each_other(struct xdp_md *ctx) {
  __u32 first = 2, second = 3;
  struct ticker *one = bpf_map_lookup_elem(&tickers, &first);
  struct ticker *two = bpf_map_lookup_elem(&tickers, &second);

  seen.frames++;
  if (!one || !two)
    return XDP_DROP;
  bpf_timer_init(&one->timer, &tickers, CLOCK_MONOTONIC);
  bpf_timer_init(&two->timer, &tickers, CLOCK_MONOTONIC);
  bpf_timer_set_callback(&one->timer, other);
  bpf_timer_set_callback(&two->timer, other);
  bpf_timer_start(&one->timer, 0, 0);
  return XDP_PASS;
}
