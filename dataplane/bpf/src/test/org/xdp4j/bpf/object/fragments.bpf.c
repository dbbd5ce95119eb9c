// Does what a list of steps says to a packet, and notes what came of each: for packets of several
// buffers, beside Linux.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define STEPS 12
#define BYTES 96

enum kind {
  LENGTH,
  LINEAR,
  LOAD,
  STORE,
  TAIL,
  HEAD,
  META,
  SLICE,
  SLICE_WRITE,
  SLICE_BARE,
  READ,
  WRITE,
  MTU,
  STALE,
  PULL,
  KINDS,
};

struct step {
  __u32 kind;
  __s32 offset;
  __u32 length;
};

struct result {
  __s64 code;
  __u64 sum;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STEPS);
  __type(key, __u32);
  __type(value, struct step);
} steps SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STEPS);
  __type(key, __u32);
  __type(value, struct result);
} results SEC(".maps");

extern int bpf_dynptr_from_xdp(struct xdp_md *ctx, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer,
                              __u32 size) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *ptr, __u32 offset, void *buffer,
                                   __u32 size) __ksym;
extern int bpf_xdp_pull_data(struct xdp_md *ctx, __u32 len) __ksym;

static __always_inline __u64 sum_of(const __u8 *bytes, __u32 count) {
  __u64 sum = 0;
  for (int i = 0; i < BYTES && i < count; i++)
    sum = sum * 31 + bytes[i];
  return sum;
}

static __always_inline void sliced(struct xdp_md *ctx, const struct step *step,
                                   struct result *result) {
  struct bpf_dynptr packet;
  __u8 buffer[32] = {1, 2, 3};
  __u8 *bytes;
  if (bpf_dynptr_from_xdp(ctx, 0, &packet))
    return;
  if (step->kind == SLICE_WRITE) {
    bytes = bpf_dynptr_slice_rdwr(&packet, step->offset, buffer, sizeof(buffer));
    if (bytes) {
      result->sum = sum_of(bytes, sizeof(buffer));
      bytes[5] ^= 0xff;
      bytes[31] ^= 0xff;
      result->code = bytes == buffer ? 2 : 1;
    }
  } else {
    bytes = step->kind == SLICE ? bpf_dynptr_slice(&packet, step->offset, buffer, sizeof(buffer))
                                : bpf_dynptr_slice(&packet, step->offset, 0, sizeof(buffer));
    if (bytes) {
      result->sum = sum_of(bytes, sizeof(buffer));
      result->code = 1;
    }
  }
}

static __always_inline void copied(struct xdp_md *ctx, const struct step *step,
                                   struct result *result) {
  __u8 buffer[BYTES] = {};
  __u32 length = step->length;
  struct bpf_dynptr packet;
  if (length < 1 || length > BYTES)
    return;
  for (int i = 0; i < BYTES; i++)
    buffer[i] = i * 3 + step->offset;
  if (step->kind == LOAD) {
    result->code = bpf_xdp_load_bytes(ctx, step->offset, buffer, length);
    result->sum = sum_of(buffer, length);
  } else if (step->kind == STORE) {
    result->code = bpf_xdp_store_bytes(ctx, step->offset, buffer, length);
  } else if (!bpf_dynptr_from_xdp(ctx, 0, &packet)) {
    if (step->kind == READ) {
      result->code = bpf_dynptr_read(buffer, length, &packet, step->offset, 0);
      result->sum = sum_of(buffer, length);
    } else {
      result->code = bpf_dynptr_write(&packet, step->offset, buffer, length, 0);
    }
  }
}

/* A dynptr of a packet that has become shorter since. */
static __always_inline void stale(struct xdp_md *ctx, const struct step *step,
                                  struct result *result) {
  struct bpf_dynptr packet;
  __u8 buffer[32] = {1, 2, 3};
  __u8 *bytes;
  if (bpf_dynptr_from_xdp(ctx, 0, &packet))
    return;
  bpf_xdp_adjust_tail(ctx, -(int)step->length);
  bytes = bpf_dynptr_slice(&packet, step->offset, buffer, sizeof(buffer));
  if (bytes) {
    result->sum = sum_of(bytes, sizeof(buffer));
    result->code = 1;
  }
  result->code |= bpf_dynptr_read(buffer, sizeof(buffer), &packet, step->offset, 0) << 8;
}

static __always_inline void pulled(struct xdp_md *ctx, const struct step *step,
                                   struct result *result) {
  __u8 *data, *end;
  result->code = bpf_xdp_pull_data(ctx, step->offset);
  data = (void *)(long)ctx->data;
  end = (void *)(long)ctx->data_end;
  result->sum = end - data;
  if (data + 3000 <= end)
    result->sum |= (__u64)data[2999] << 32;
}

static __noinline int take(struct xdp_md *ctx, __u32 index) {
  struct step *step = bpf_map_lookup_elem(&steps, &index);
  struct result *result = bpf_map_lookup_elem(&results, &index);
  void *data, *end;
  __u32 mtu = 0;
  if (!step || !result)
    return 0;
  result->sum = 0;
  result->code = 0;
  switch (step->kind) {
  case LENGTH:
    result->code = bpf_xdp_get_buff_len(ctx);
    break;
  case LINEAR:
    data = (void *)(long)ctx->data;
    end = (void *)(long)ctx->data_end;
    result->code = end - data;
    break;
  case TAIL:
    result->code = bpf_xdp_adjust_tail(ctx, step->offset);
    break;
  case HEAD:
    result->code = bpf_xdp_adjust_head(ctx, step->offset);
    break;
  case META:
    result->code = bpf_xdp_adjust_meta(ctx, step->offset);
    break;
  case MTU:
    result->code = bpf_check_mtu(ctx, 0, &mtu, step->offset, 0);
    result->sum = mtu;
    break;
  case STALE:
    stale(ctx, step, result);
    break;
  case PULL:
    pulled(ctx, step, result);
    break;
  case SLICE:
  case SLICE_WRITE:
  case SLICE_BARE:
    sliced(ctx, step, result);
    break;
  default:
    copied(ctx, step, result);
  }
  return 0;
}

SEC("xdp.frags")
int steps_on_fragments(struct xdp_md *ctx) {
  for (__u32 i = 0; i < STEPS; i++)
    take(ctx, i);
  return XDP_PASS;
}

SEC("xdp")
int one_buffer(struct xdp_md *ctx) { return XDP_PASS; }

char _license[] SEC("license") = "GPL";
