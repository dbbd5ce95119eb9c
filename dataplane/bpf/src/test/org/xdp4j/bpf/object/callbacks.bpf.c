// Programs whose helpers call back, and ones that call global functions: each returns a number that
// the machines that run it must agree on.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 256);
  __type(key, __u32);
  __type(value, __u64);
} hash SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 256);
  __type(key, __u32);
  __type(value, __u64);
} lru SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 10);
  __type(key, __u32);
  __type(value, __u64);
} array SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 7);
  __type(key, __u32);
  __type(value, __u64);
} percpu_array SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
  __uint(max_entries, 64);
  __type(key, __u32);
  __type(value, __u64);
} percpu_hash SEC(".maps");

struct bpf_map;

struct sums {
  __u64 calls;
  __u64 sum;
  __u64 stop;
};

static long add_index(__u64 index, void *context) {
  struct sums *sums = context;
  sums->calls++;
  sums->sum += index;
  return sums->calls == sums->stop;
}

SEC("xdp")
int loop_all(struct xdp_md *ctx) {
  struct sums sums = {};
  long times = bpf_loop(1000, add_index, &sums, 0);
  return sums.sum * 7 + sums.calls * 3 + times;
}

SEC("xdp")
int loop_stops(struct xdp_md *ctx) {
  struct sums sums = {.stop = 13};
  long times = bpf_loop(1000, add_index, &sums, 0);
  return sums.sum * 7 + sums.calls * 3 + times;
}

static long add_plainly(__u64 index, void *context) {
  struct sums *sums = context;
  sums->calls++;
  sums->sum += index;
  return index == 4000;
}

SEC("xdp")
int loop_as_long_as_the_frame(struct xdp_md *ctx) {
  struct sums sums = {};
  long times = bpf_loop(ctx->data_end - ctx->data, add_plainly, &sums, 0);
  return sums.sum * 7 + times;
}

SEC("xdp")
int loop_too_often(struct xdp_md *ctx) {
  struct sums sums = {};
  long most = bpf_loop(1 << 23, add_plainly, &sums, 0);
  long more = bpf_loop((1 << 23) + 1, add_plainly, &sums, 0);
  return most * 1000 + more + sums.sum;
}

SEC("xdp")
int loop_with_flags(struct xdp_md *ctx) {
  struct sums sums = {};
  return bpf_loop(3, add_plainly, &sums, ctx->data_end - ctx->data) + sums.calls * 100;
}

struct nest {
  __u64 outer;
  struct sums sums;
};

static long inner(__u64 index, void *context) {
  struct nest *nest = context;
  nest->sums.calls++;
  nest->sums.sum += nest->outer * index;
  return index > nest->outer;
}

static long outer(__u64 index, void *context) {
  struct nest *nest = context;
  nest->outer = index;
  nest->sums.sum += bpf_loop(20, inner, nest, 0);
  return 0;
}

SEC("xdp")
int loop_in_loop(struct xdp_md *ctx) {
  struct nest nest = {};
  bpf_loop(30, outer, &nest, 0);
  return nest.sums.sum * 31 + nest.sums.calls;
}

struct bytes {
  struct xdp_md *ctx;
  __u32 sum;
};

static long add_byte(__u64 index, void *context) {
  struct bytes *bytes = context;
  __u8 *data = (void *)(long)bytes->ctx->data;
  __u8 *end = (void *)(long)bytes->ctx->data_end;
  if (index > 1500) {
    return 1;
  }
  if (data + index + 1 > end) {
    return 1;
  }
  bytes->sum = bytes->sum * 3 + data[index];
  return 0;
}

SEC("xdp")
int loop_over_packet(struct xdp_md *ctx) {
  struct bytes bytes = {.ctx = ctx};
  int times = bpf_loop(2000, add_byte, &bytes, 0);
  return bytes.sum + times * 65536;
}

static long shrink(__u64 index, void *context) {
  struct bytes *bytes = context;
  return bpf_xdp_adjust_head(bytes->ctx, 4) != 0;
}

SEC("xdp")
int loop_moves_packet(struct xdp_md *ctx) {
  struct bytes bytes = {.ctx = ctx};
  __u8 *data = (void *)(long)ctx->data;
  __u8 *end = (void *)(long)ctx->data_end;
  if (data + 1 > end) {
    return 0;
  }
  int first = data[0];
  int times = bpf_loop(5, shrink, &bytes, 0);
  data = (void *)(long)ctx->data;
  end = (void *)(long)ctx->data_end;
  if (data + 1 > end) {
    return 1;
  }
  return first + data[0] * 256 + times * 65536;
}

static long fill(__u64 index, void *map) {
  __u32 key = index * 5;
  __u64 value = index + 1;
  return bpf_map_update_elem(&hash, &key, &value, 0) != 0 ||
         bpf_map_update_elem(&lru, &key, &value, 0) != 0 ||
         bpf_map_update_elem(&percpu_hash, &key, &value, 0) != 0;
}

static long add_element(struct bpf_map *map, __u32 *key, __u64 *value, struct sums *sums) {
  sums->calls++;
  sums->sum += *key * 1000 + *value;
  *value += 1;
  return 0;
}

static long find_element(struct bpf_map *map, __u32 *key, __u64 *value, struct sums *sums) {
  sums->sum += *value;
  return *key == 3;
}

static long delete_element(struct bpf_map *map, __u32 *key, __u64 *value, void *context) {
  bpf_map_delete_elem(map, key);
  return 0;
}

SEC("xdp")
int each_hash(struct xdp_md *ctx) {
  struct sums sums = {};
  bpf_loop(40, fill, 0, 0);
  long times = bpf_for_each_map_elem(&hash, add_element, &sums, 0);
  times += bpf_for_each_map_elem(&hash, add_element, &sums, 0);
  times += bpf_for_each_map_elem(&lru, add_element, &sums, 0) * 100;
  times += bpf_for_each_map_elem(&percpu_hash, add_element, &sums, 0) * 10000;
  return sums.sum * 11 + times;
}

SEC("xdp")
int each_deleted(struct xdp_md *ctx) {
  struct sums sums = {};
  bpf_loop(40, fill, 0, 0);
  long times = bpf_for_each_map_elem(&hash, delete_element, 0, 0);
  return bpf_for_each_map_elem(&hash, add_element, &sums, 0) * 1000 + times;
}

SEC("xdp")
int each_stops(struct xdp_md *ctx) {
  struct sums sums = {};
  return bpf_for_each_map_elem(&array, find_element, &sums, 0) * 10 +
         bpf_for_each_map_elem(&percpu_array, find_element, &sums, 0) + sums.sum;
}

SEC("xdp")
int each_with_flags(struct xdp_md *ctx) {
  return bpf_for_each_map_elem(&hash, delete_element, 0, 1);
}

SEC("xdp")
int each_array(struct xdp_md *ctx) {
  struct sums sums = {};
  long times = 0;
  for (int i = 0; i < 3; i++) {
    times += bpf_for_each_map_elem(&array, add_element, &sums, 0);
    times += bpf_for_each_map_elem(&percpu_array, add_element, &sums, 0) * 100;
  }
  return sums.sum * 11 + times;
}

static long each_inner(struct bpf_map *map, __u32 *key, __u64 *value, struct nest *nest) {
  nest->sums.sum += nest->outer * *key;
  return 0;
}

static long each_outer(struct bpf_map *map, __u32 *key, __u64 *value, struct nest *nest) {
  nest->outer = *key + 1;
  bpf_for_each_map_elem(&percpu_array, each_inner, nest, 0);
  nest->sums.sum = nest->sums.sum * 3 + *key;
  return 0;
}

SEC("xdp")
int each_in_each(struct xdp_md *ctx) {
  struct nest nest = {};
  bpf_for_each_map_elem(&array, each_outer, &nest, 0);
  return nest.sums.sum;
}

static long one(__u64 index, void *context) {
  struct sums *sums = context;
  sums->sum += 1;
  return 0;
}

static long hundred(__u64 index, void *context) {
  struct sums *sums = context;
  sums->sum += 100;
  return 0;
}

SEC("xdp")
int loop_chosen(struct xdp_md *ctx) {
  struct sums sums = {};
  long (*body)(__u64, void *) = ctx->data_end - ctx->data > 60 ? one : hundred;
  bpf_loop(9, body, &sums, 0);
  return sums.sum;
}

__noinline int frame_length(struct xdp_md *ctx) { return ctx->data_end - ctx->data; }

__noinline int weigh(struct sums *sums, int factor) {
  if (!sums) {
    return factor;
  }
  sums->calls += factor;
  return sums->sum * factor;
}

__weak int cut(struct xdp_md *ctx, int bytes) { return bpf_xdp_adjust_tail(ctx, -bytes); }

SEC("xdp")
int global_functions(struct xdp_md *ctx) {
  struct sums sums = {.sum = 21};
  int before = frame_length(ctx);
  int failed = cut(ctx, 6);
  int weight = weigh(&sums, 2) + weigh(0, 100);
  return before + frame_length(ctx) * 1000 + weight + sums.calls + failed;
}

int tail_calls(struct xdp_md *ctx);

struct {
  __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
  __uint(max_entries, 2);
  __uint(key_size, 4);
  __array(values, int(void *));
} chain SEC(".maps") = {.values = {[0] = (void *)&tail_calls}};

__u32 links;

static __noinline int go_on(struct xdp_md *ctx) {
  volatile int result = 5;
  bpf_tail_call(ctx, &chain, 0);
  return result;
}

SEC("xdp")
int tail_calls(struct xdp_md *ctx) {
  links++;
  return go_on(ctx) + links * 100;
}

const volatile __u32 rounds = 0;

static long never_called(__u64 index, void *sum) {
  *(__u64 *)sum += index;
  return 0;
}

SEC("xdp")
int loop_of_no_rounds(struct xdp_md *ctx) {
  __u64 sum = 40;
  long made = bpf_loop(rounds, never_called, &sum, 0);
  return sum + made;
}
