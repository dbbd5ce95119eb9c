// Programs whose objects number their types differently, so that a number that means a large struct
// here means a small one, or none, in what these are put into. Built with WORDS, which is how many
// words come first in the kernel's structure, as kernels differ in that.
#include "allocated.h"

#define LARGE 100
#define COUNTS 40

#define SMALL(n) \
  struct small_##n { \
    u64 word; \
  };
#define EIGHT(of, n) of(n##0) of(n##1) of(n##2) of(n##3) of(n##4) of(n##5) of(n##6) of(n##7)
#define MEMBER(n) struct small_##n in_##n;

EIGHT(SMALL, 1)
EIGHT(SMALL, 2)
EIGHT(SMALL, 3)
EIGHT(SMALL, 4)
EIGHT(SMALL, 5)
EIGHT(SMALL, 6)
EIGHT(SMALL, 7)

struct many {
  EIGHT(MEMBER, 1)
  EIGHT(MEMBER, 2)
  EIGHT(MEMBER, 3)
  EIGHT(MEMBER, 4)
  EIGHT(MEMBER, 5)
  EIGHT(MEMBER, 6)
  EIGHT(MEMBER, 7)
};

struct large {
  u64 words[LARGE];
};

struct counts {
  u64 words[COUNTS];
};

struct cell {
  struct counts __percpu_kptr *counts;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2);
  __type(key, u32);
  __type(value, struct cell);
} cells SEC(".maps");

struct xdp_buff {
#if WORDS
  u64 first[WORDS];
#endif
  void *data;
  void *data_end;
} __attribute__((preserve_access_index));

extern void *bpf_cast_to_kern_ctx(void *from) __ksym;

#ifdef TARGET

struct many many;

__attribute__((noinline)) int replaced(struct xdp_md *ctx) {
  volatile int result = many.in_10.word;
  asm volatile("" ::"r"(ctx));
  return result;
}

SEC("xdp")
int target(struct xdp_md *ctx) {
  return replaced(ctx);
}

#else

// 2, and 1 for each word of the first object that the second's overwrote.
static __always_inline int two_large(void) {
  struct large *first = bpf_obj_new(struct large);
  if (!first) return 1000;
  struct large *second = bpf_obj_new(struct large);
  if (!second) {
    bpf_obj_drop(first);
    return 1001;
  }
  int result = 2;
  for (int i = 0; i < LARGE; i++) *(volatile u64 *)&first->words[i] = 0x5a5a;
  for (int i = 0; i < LARGE; i++) *(volatile u64 *)&second->words[i] = i;
  for (int i = 0; i < LARGE; i++) result += *(volatile u64 *)&first->words[i] != 0x5a5a;
  for (int i = 0; i < LARGE; i++) result += *(volatile u64 *)&second->words[i] != i;
  bpf_obj_drop(first);
  bpf_obj_drop(second);
  return result;
}

// Fills the counters of one cell with a number, or counts those that do not hold it.
static __always_inline int walk(u32 key, u64 number, bool fill) {
  struct cell *cell = bpf_map_lookup_elem(&cells, &key);
  if (!cell) return 2000;
  struct counts __percpu_kptr *counts = cell->counts;
  if (!counts) {
    counts = bpf_percpu_obj_new(struct counts);
    if (!counts) return 2001;
    counts = bpf_kptr_xchg(&cell->counts, counts);
    if (counts) bpf_percpu_obj_drop_impl(counts, 0);
  }
  counts = cell->counts;
  if (!counts) return 2002;
  struct counts *mine = bpf_this_cpu_ptr(counts);
  int wrong = 0;
  for (int i = 0; i < COUNTS; i++) {
    if (fill) {
      *(volatile u64 *)&mine->words[i] = number;
    } else {
      wrong += *(volatile u64 *)&mine->words[i] != number;
    }
  }
  return wrong;
}

static __always_inline int two_counts(void) {
  return 2 + walk(0, 5, 1) + walk(1, 6, 1) + walk(0, 5, 0) + walk(1, 6, 0);
}

// Where the kernel's structure says that the frame is, beside what the context says.
static __always_inline int frame(struct xdp_md *ctx) {
  u64 bytes = ctx->data_end - ctx->data;
  struct xdp_buff *buff = bpf_cast_to_kern_ctx(ctx);
  return buff->data_end - buff->data == bytes ? 2 : 3000;
}

SEC("freplace/replaced") int frame_instead(struct xdp_md *ctx) { return frame(ctx); }
SEC("freplace/replaced") int counts_instead(struct xdp_md *ctx) { return two_counts(); }
SEC("freplace/replaced") int large_instead(struct xdp_md *ctx) { return two_large(); }
SEC("xdp") int large_alone(struct xdp_md *ctx) { return two_large(); }
SEC("xdp") int counts_alone(struct xdp_md *ctx) { return two_counts(); }
SEC("xdp") int frame_alone(struct xdp_md *ctx) { return frame(ctx); }

#endif

char _license[] SEC("license") = "GPL";
