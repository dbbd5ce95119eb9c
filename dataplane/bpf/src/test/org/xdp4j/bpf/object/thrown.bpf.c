// Programs that throw exceptions, iterate over bits, hold resilient locks and compare strings.
#include "allocated.h"

char LICENSE[] SEC("license") = "GPL";

struct guarded {
  struct bpf_res_spin_lock lock;
  u32 value;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, u32);
  __type(value, struct guarded);
} guarded SEC(".maps");

struct words {
  u64 word[8];
  char text[32];
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct words);
} words SEC(".maps");

u32 handled;

__noinline int handler(u64 cookie) {
  handled++;
  return cookie * 3 + 1;
}

static __noinline u32 deepest(u32 seed) {
  if ((seed & 0xff00) == 0x1100) bpf_throw(seed & 0xff);
  return seed >> 3;
}

static __noinline u32 deeper(u32 seed) {
  u32 result = deepest(seed) + deepest(seed ^ 0x100);
  if ((seed & 7) == 5) bpf_throw(77);
  return result;
}

__noinline int anywhere(u32 seed) {
  if ((seed & 0xf) == 3) bpf_throw(seed);
  return seed & 0xff;
}

SEC("xdp")
int throws(struct xdp_md *ctx) {
  u32 seed;
  if (!seed_of(ctx, &seed)) bpf_throw(4);
  u32 result = deeper(next(&seed));
  return result + anywhere(next(&seed));
}

SEC("xdp")
__exception_cb(handler) int handles(struct xdp_md *ctx) {
  u32 seed;
  if (!seed_of(ctx, &seed)) bpf_throw(4);
  u32 result = deeper(next(&seed));
  return result + anywhere(next(&seed));
}

SEC("xdp")
int bits(struct xdp_md *ctx) {
  u32 seed, zero = 0, result = 5;
  if (!seed_of(ctx, &seed)) return 0;
  struct words *w = bpf_map_lookup_elem(&words, &zero);
  if (!w) return 1;
  for (int i = 0; i < 8; i++) w->word[i] = (u64)next(&seed) << (next(&seed) & 31) & ~0xff0ull;
  u32 count = next(&seed) % 10;
  struct bpf_iter_bits it;
  int *bit, made = bpf_iter_bits_new(&it, w->word, count > 8 ? 600 : count);
  result += made;
  while ((bit = bpf_iter_bits_next(&it))) result = result * 31 + *bit;
  bpf_iter_bits_destroy(&it);
  u64 one = seed;
  made = bpf_iter_bits_new(&it, &one, 1);
  while ((bit = bpf_iter_bits_next(&it))) result = result * 33 + *bit;
  bpf_iter_bits_destroy(&it);
  made = bpf_iter_bits_new(&it, (void *)0, count);
  while ((bit = bpf_iter_bits_next(&it))) result = result * 35 + *bit;
  bpf_iter_bits_destroy(&it);
  return result * 37 + made;
}

SEC("xdp")
int locks(struct xdp_md *ctx) {
  u32 seed, result = 3;
  if (!seed_of(ctx, &seed)) return 0;
  u32 first = next(&seed) & 3, second = next(&seed) & 3;
  struct guarded *a = bpf_map_lookup_elem(&guarded, &first);
  struct guarded *b = bpf_map_lookup_elem(&guarded, &second);
  if (!a || !b) return 1;
  if (bpf_res_spin_lock(&a->lock)) return 2;
  a->value += next(&seed) & 0xff;
  int failed = bpf_res_spin_lock(&b->lock);
  if (!failed) {
    b->value ^= a->value;
    bpf_res_spin_unlock(&b->lock);
  }
  result = a->value * 31 + failed;
  bpf_res_spin_unlock(&a->lock);
  return result;
}

SEC("xdp")
int strings(struct xdp_md *ctx) {
  u32 seed, zero = 0, result = 1;
  if (!seed_of(ctx, &seed)) return 0;
  struct words *w = bpf_map_lookup_elem(&words, &zero);
  if (!w) return 1;
  for (int i = 0; i < 31; i++) {
    u32 r = next(&seed);
    w->text[i] = (r & 31) == 0 ? 0 : "abABcCxyzZ\xe9\xc9-_07"[r >> 5 & 15];
  }
  char *a = w->text, *b = w->text + (next(&seed) & 15), *c = w->text + 28;
  char one = *b;
  u64 count = next(&seed) & 31;
  result = result * 31 + bpf_strcmp(a, b);
  result = result * 31 + bpf_strcasecmp(a, b);
  result = result * 31 + bpf_strlen(a) + bpf_strlen(b);
  result = result * 31 + bpf_strnlen(a, count);
  result = result * 31 + bpf_strchr(a, one);
  result = result * 31 + bpf_strnchr(a, count, one);
  result = result * 31 + bpf_strchrnul(a, one);
  result = result * 31 + bpf_strrchr(a, one);
  result = result * 31 + bpf_strspn(a, b);
  result = result * 31 + bpf_strcspn(a, c);
  result = result * 31 + bpf_strstr(a, b);
  result = result * 31 + bpf_strstr(a, c);
  result = result * 31 + bpf_strnstr(a, b, count);
  result = result * 31 + bpf_strnstr(a, c, count);
  result = result * 31 + bpf_strcmp(a, (void *)0);
  result = result * 31 + bpf_strlen((void *)-8l);
  return result;
}
