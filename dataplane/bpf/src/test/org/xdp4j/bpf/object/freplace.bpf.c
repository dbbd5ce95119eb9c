// Programs that replace functions of replaceable.bpf.c, or try to.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct point {
  __u32 x;
  __u32 y;
};

struct big {
  __u64 a[4];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8);
  __type(key, __u32);
  __type(value, __u64);
} lengths SEC(".maps");

__u64 calls = 0;

static __noinline int deeper(struct xdp_md *ctx, int left) {
  char room[40] = {};
  __builtin_memcpy(room, &left, sizeof(left));
  asm volatile("" : : "r"(room) : "memory");
  return room[0] + bpf_xdp_get_buff_len(ctx);
}

static long each(__u32 i, int *sum) {
  *sum += i;
  return 0;
}

SEC("freplace/plain")
int counting(struct xdp_md *ctx) {
  __u32 length = bpf_xdp_get_buff_len(ctx);
  __u64 one = 1, *value = bpf_map_lookup_elem(&lengths, &length);
  if (value)
    *value += 1;
  else
    bpf_map_update_elem(&lengths, &length, &one, BPF_ANY);
  __sync_fetch_and_add(&calls, 1);
  return deeper(ctx, 2);
}

SEC("freplace/plain")
int looping(struct xdp_md *ctx) {
  int sum = 0;
  bpf_loop(5, each, &sum, 0);
  return sum;
}

SEC("freplace/plain")
long returns_long(struct xdp_md *ctx) { return ctx->rx_queue_index + 11; }

SEC("freplace/plain")
int moves(struct xdp_md *ctx) { return bpf_xdp_adjust_tail(ctx, -2); }

SEC("freplace/moving")
int moves_too(struct xdp_md *ctx) { return bpf_xdp_adjust_tail(ctx, -2); }

SEC("freplace/with_number")
int numbered(struct xdp_md *ctx, __u32 number) { return number * 2; }

SEC("freplace/with_number")
int numbered_long(struct xdp_md *ctx, __u64 number) { return number * 2; }

SEC("freplace/with_memory")
int remembered(struct point *at) { return at ? at->x * 50 + at->y : 9; }

SEC("freplace/with_memory")
int unchecked(struct point *at) { return at->x; }

SEC("freplace/with_memory")
int other_memory(struct big *at) { return at ? at->a[3] : 9; }

SEC("freplace/local")
int of_static(struct xdp_md *ctx) { return 1; }

SEC("freplace/sums")
int whole(struct xdp_md *ctx) { return bpf_xdp_get_buff_len(ctx) + 1000; }

SEC("freplace/none")
int of_none(struct xdp_md *ctx) { return 1; }

SEC("freplace/plain")
int reads_packet(struct xdp_md *ctx) {
  void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  if (data + 14 > end)
    return -1;
  *(__u8 *)(data + 3) = 0x77;
  return *(__u8 *)(data + 12);
}

SEC("freplace/plain")
int unsafe(struct xdp_md *ctx) { return *(__u8 *)(long)ctx->data; }

char _license[] SEC("license") = "GPL";
