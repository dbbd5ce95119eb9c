// Programs that call kernel functions: each returns a number that the machines that run it must
// agree on.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct bpf_iter_num {
  __u64 opaque;
};

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __weak __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __weak __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __weak __ksym;
extern int bpf_dynptr_from_xdp(struct xdp_md *x, __u64 flags, struct bpf_dynptr *p) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, __u32 offset, void *b, __u32 n) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *p, __u32 offset, void *b, __u32 n)
    __ksym;
extern int bpf_dynptr_adjust(const struct bpf_dynptr *p, __u32 start, __u32 end) __ksym;
extern _Bool bpf_dynptr_is_null(const struct bpf_dynptr *p) __ksym;
extern _Bool bpf_dynptr_is_rdonly(const struct bpf_dynptr *p) __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *p) __ksym;
extern int bpf_dynptr_clone(const struct bpf_dynptr *p, struct bpf_dynptr *clone) __ksym;
extern int bpf_dynptr_copy(struct bpf_dynptr *to, __u32 to_offset, struct bpf_dynptr *from,
                           __u32 from_offset, __u32 size) __ksym;
extern int bpf_dynptr_memset(struct bpf_dynptr *p, __u32 offset, __u32 size, __u8 value) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;
extern void bpf_local_irq_save(unsigned long *flags) __ksym;
extern void bpf_local_irq_restore(unsigned long *flags) __ksym;
extern int bpf_no_such_function(int a) __weak __ksym;

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64[8]);
} values SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096);
} ring SEC(".maps");

#define ABORT 999

SEC("xdp")
int sum_of_range(struct xdp_md *ctx) {
  struct bpf_iter_num it;
  int *number, sum = 0;

  bpf_iter_num_new(&it, 3, 100);
  while ((number = bpf_iter_num_next(&it))) {
    if (*number == 90)
      break;
    if ((__u32)*number % 7 == 0)
      continue;
    sum += *number;
  }
  bpf_iter_num_destroy(&it);
  return sum;
}

SEC("xdp")
int ranges_at_their_edges(struct xdp_md *ctx) {
  static const int starts[] = {5, 5, 6, -3, 0, -2147483648, 2147483647, 0x7ffffffe};
  static const int ends[] = {5, 6, 5, 3, 8388608, -2147483646, 2147483647, 0x7fffffff};
  struct bpf_iter_num outer, it;
  int *index, *number, hash = 17;

  bpf_iter_num_new(&outer, 0, 8);
  while ((index = bpf_iter_num_next(&outer))) {
    int i = *index, left = 9;
    if (i < 0 || i > 7)
      break;
    hash = hash * 31 + bpf_iter_num_new(&it, starts[i], ends[i]);
    while ((number = bpf_iter_num_next(&it))) {
      hash = hash * 31 + *number;
      if (--left == 0)
        break;
    }
    bpf_iter_num_destroy(&it);
  }
  bpf_iter_num_destroy(&outer);
  return hash;
}

SEC("xdp")
int too_many_numbers(struct xdp_md *ctx) {
  struct bpf_iter_num it;
  int result = bpf_iter_num_new(&it, 0, 8388609);

  if (bpf_iter_num_next(&it))
    result = 1;
  bpf_iter_num_destroy(&it);
  return result;
}

SEC("xdp")
int sum_of_packet(struct xdp_md *ctx) {
  struct bpf_dynptr packet;
  struct bpf_iter_num it;
  int *number, sum = 0;

  if (bpf_dynptr_from_xdp(ctx, 0, &packet))
    return ABORT;
  bpf_iter_num_new(&it, 0, 200);
  while ((number = bpf_iter_num_next(&it))) {
    __u8 buffer[1], *byte = bpf_dynptr_slice(&packet, *number, buffer, 1);
    if (!byte)
      break;
    sum = sum * 3 + *byte;
  }
  bpf_iter_num_destroy(&it);
  return sum;
}

SEC("xdp")
int slices_beyond_the_end(struct xdp_md *ctx) {
  struct bpf_dynptr packet;
  __u64 buffer[2];
  int found = 0;

  bpf_dynptr_from_xdp(ctx, 0, &packet);
  found |= !!bpf_dynptr_slice(&packet, 84, buffer, 16) << 0;
  found |= !!bpf_dynptr_slice(&packet, 85, buffer, 16) << 1;
  found |= !!bpf_dynptr_slice(&packet, 0xffffffff, buffer, 16) << 2;
  found |= !!bpf_dynptr_slice(&packet, 100, buffer, 0) << 3;
  found |= !!bpf_dynptr_slice(&packet, 101, buffer, 0) << 4;
  found |= !!bpf_dynptr_slice(&packet, 0, 0, 100) << 5;
  found |= !!bpf_dynptr_slice(&packet, 0, 0, 101) << 6;
  return found;
}

SEC("xdp")
int written_by_slice(struct xdp_md *ctx) {
  struct bpf_dynptr packet;
  __u32 buffer, *word, read = 0;

  bpf_dynptr_from_xdp(ctx, 0, &packet);
  word = bpf_dynptr_slice_rdwr(&packet, 20, &buffer, 4);
  if (!word)
    return ABORT;
  *word = 0x12345678;
  bpf_dynptr_read(&read, 4, &packet, 20, 0);
  return read;
}

SEC("xdp")
int written_by_helper(struct xdp_md *ctx) {
  struct bpf_dynptr packet;
  __u32 value = 77, read = 0;
  int hash = 1;

  bpf_dynptr_from_xdp(ctx, 0, &packet);
  hash = hash * 31 + bpf_dynptr_write(&packet, 50, &value, 4, 0);
  hash = hash * 31 + bpf_dynptr_write(&packet, 97, &value, 4, 0);
  hash = hash * 31 + bpf_dynptr_write(&packet, 50, &value, 4, 1);
  hash = hash * 31 + bpf_dynptr_read(&read, 4, &packet, 50, 0) + read;
  hash = hash * 31 + bpf_dynptr_read(&read, 4, &packet, 97, 0) + read;
  hash = hash * 31 + bpf_dynptr_read(&read, 4, &packet, 50, 1) + read;
  return hash;
}

SEC("xdp")
int made_smaller(struct xdp_md *ctx) {
  struct bpf_dynptr packet;
  __u32 read = 0;
  int hash = 1;

  bpf_dynptr_from_xdp(ctx, 0, &packet);
  hash = hash * 31 + bpf_dynptr_adjust(&packet, 10, 40);
  hash = hash * 31 + bpf_dynptr_size(&packet);
  hash = hash * 31 + bpf_dynptr_read(&read, 4, &packet, 3, 0) + read;
  hash = hash * 31 + bpf_dynptr_read(&read, 4, &packet, 27, 0) + read;
  hash = hash * 31 + bpf_dynptr_adjust(&packet, 5, 31);
  hash = hash * 31 + bpf_dynptr_adjust(&packet, 5, 4);
  hash = hash * 31 + bpf_dynptr_adjust(&packet, 5, 30);
  hash = hash * 31 + bpf_dynptr_size(&packet);
  hash = hash * 31 + bpf_dynptr_adjust(&packet, 25, 25);
  hash = hash * 31 + bpf_dynptr_size(&packet);
  hash = hash * 31 + bpf_dynptr_read(&read, 0, &packet, 0, 0);
  return hash;
}

SEC("xdp")
int none_at_all(struct xdp_md *ctx) {
  struct bpf_dynptr none, clone;
  __u32 read = 5;
  int hash = 1;

  hash = hash * 31 + bpf_dynptr_from_xdp(ctx, 1, &none);
  hash = hash * 31 + bpf_dynptr_is_null(&none);
  hash = hash * 31 + bpf_dynptr_is_rdonly(&none);
  hash = hash * 31 + bpf_dynptr_size(&none);
  hash = hash * 31 + bpf_dynptr_adjust(&none, 0, 0);
  hash = hash * 31 + bpf_dynptr_read(&read, 4, &none, 0, 0);
  hash = hash * 31 + bpf_dynptr_write(&none, 0, &read, 4, 0);
  hash = hash * 31 + bpf_dynptr_memset(&none, 0, 0, 1);
  hash = hash * 31 + bpf_dynptr_memset(&none, 0, 1, 1);
  hash = hash * 31 + bpf_dynptr_clone(&none, &clone);
  hash = hash * 31 + bpf_dynptr_is_null(&clone);
  hash = hash * 31 + bpf_dynptr_copy(&none, 0, &clone, 0, 0);
  return hash;
}

SEC("xdp")
int cloned(struct xdp_md *ctx) {
  struct bpf_dynptr packet, clone;
  int hash = 1;

  bpf_dynptr_from_xdp(ctx, 0, &packet);
  bpf_dynptr_adjust(&packet, 4, 60);
  hash = hash * 31 + bpf_dynptr_clone(&packet, &clone);
  bpf_dynptr_adjust(&packet, 4, 20);
  hash = hash * 31 + bpf_dynptr_size(&packet);
  hash = hash * 31 + bpf_dynptr_size(&clone);
  hash = hash * 31 + bpf_dynptr_is_null(&clone);
  hash = hash * 31 + bpf_dynptr_is_rdonly(&clone);
  return hash;
}

SEC("xdp")
int copied_and_filled(struct xdp_md *ctx) {
  struct bpf_dynptr packet, memory;
  __u32 key = 0, read = 0;
  __u64 *value = bpf_map_lookup_elem(&values, &key);
  int hash = 1;

  if (!value)
    return ABORT;
  bpf_dynptr_from_xdp(ctx, 0, &packet);
  hash = hash * 31 + bpf_dynptr_from_mem(value, 64, 0, &memory);
  hash = hash * 31 + bpf_dynptr_copy(&memory, 8, &packet, 30, 40);
  hash = hash * 31 + bpf_dynptr_copy(&memory, 8, &packet, 30, 57);
  hash = hash * 31 + bpf_dynptr_copy(&memory, 0, &packet, 90, 11);
  hash = hash * 31 + (int)value[2];
  hash = hash * 31 + bpf_dynptr_memset(&memory, 20, 4, 0xab);
  hash = hash * 31 + bpf_dynptr_memset(&memory, 61, 4, 0xab);
  hash = hash * 31 + (int)(value[2] >> 32);
  hash = hash * 31 + bpf_dynptr_memset(&packet, 1, 98, 0x11);
  hash = hash * 31 + bpf_dynptr_copy(&packet, 2, &memory, 16, 8);
  hash = hash * 31 + bpf_dynptr_read(&read, 4, &packet, 5, 0) + read;
  return hash;
}

SEC("xdp")
int made_of_memory(struct xdp_md *ctx) {
  struct bpf_dynptr memory;
  __u32 key = 0, read = 0;
  __u64 *value = bpf_map_lookup_elem(&values, &key), *part;
  int hash = 1;

  if (!value)
    return ABORT;
  hash = hash * 31 + bpf_dynptr_from_mem(value, 64, 1, &memory);
  hash = hash * 31 + bpf_dynptr_is_null(&memory);
  hash = hash * 31 + bpf_dynptr_from_mem(value, 40, 0, &memory);
  part = bpf_dynptr_data(&memory, 8, 16);
  if (part)
    part[1] = 0x123456789;
  hash = hash * 31 + !!part;
  hash = hash * 31 + !!bpf_dynptr_data(&memory, 25, 16);
  hash = hash * 31 + !!bpf_dynptr_data(&memory, 40, 0);
  hash = hash * 31 + (int)value[2];
  hash = hash * 31 + bpf_dynptr_read(&read, 4, &memory, 16, 0) + read;
  return hash;
}

SEC("xdp")
int records(struct xdp_md *ctx) {
  struct bpf_dynptr record;
  __u64 value = 5, *part;
  int hash = 1;

  hash = hash * 31 + bpf_ringbuf_reserve_dynptr(&ring, 24, 0, &record);
  hash = hash * 31 + bpf_dynptr_write(&record, 8, &value, 8, 0);
  hash = hash * 31 + bpf_dynptr_write(&record, 17, &value, 8, 0);
  part = bpf_dynptr_data(&record, 0, 8);
  if (part)
    *part = 4;
  bpf_ringbuf_submit_dynptr(&record, 0);
  hash = hash * 31 + (int)bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
  hash = hash * 31 + bpf_ringbuf_reserve_dynptr(&ring, 5000, 0, &record);
  hash = hash * 31 + bpf_dynptr_is_null(&record);
  hash = hash * 31 + bpf_dynptr_write(&record, 0, &value, 8, 0);
  bpf_ringbuf_discard_dynptr(&record, 0);
  hash = hash * 31 + bpf_ringbuf_reserve_dynptr(&ring, 8, 1, &record);
  bpf_ringbuf_discard_dynptr(&record, 0);
  hash = hash * 31 + (int)bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
  return hash;
}

SEC("xdp")
int sections(struct xdp_md *ctx) {
  unsigned long flags;
  int result = 0;

  bpf_rcu_read_lock();
  bpf_preempt_disable();
  bpf_local_irq_save(&flags);
  result = ctx->data_end - ctx->data;
  bpf_local_irq_restore(&flags);
  bpf_preempt_enable();
  bpf_rcu_read_unlock();
  return result;
}

SEC("xdp")
int functions_there(struct xdp_md *ctx) {
  int there = 0;

  if (bpf_iter_num_new)
    there |= 1;
  if (bpf_no_such_function) {
    there |= 2;
    there += bpf_no_such_function(3);
  }
  return there;
}

struct {
  __uint(type, BPF_MAP_TYPE_USER_RINGBUF);
  __uint(max_entries, 4096);
} samples SEC(".maps");

static long take(struct bpf_dynptr *sample, void *argument) {
  __u64 *sum = argument;
  __u32 value = 0;

  bpf_dynptr_read(&value, 4, sample, 0, 0);
  *sum = *sum * 31 + value + bpf_dynptr_size(sample);
  return value == 99;
}

SEC("xdp")
int samples_taken(struct xdp_md *ctx) {
  __u64 sum = 1;
  long taken = bpf_user_ringbuf_drain(&samples, take, &sum, 0);

  return sum * 31 + taken;
}

SEC("xdp")
int samples_with_unknown_flags(struct xdp_md *ctx) {
  __u64 sum = 1;

  return bpf_user_ringbuf_drain(&samples, take, &sum, 4);
}
