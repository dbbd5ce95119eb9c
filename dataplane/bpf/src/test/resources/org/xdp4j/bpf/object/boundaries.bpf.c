// Programs that throw exceptions and are put together with others: members of a chain, a program
// whose functions others replace, and these others.
#include "allocated.h"

char LICENSE[] SEC("license") = "GPL";

#define XDP_DROP 1

u32 handled;

__noinline int handler(u64 cookie) {
  handled++;
  return cookie + 1;
}

static __noinline u32 deepest(u32 seed) {
  if (seed & 1) bpf_throw(seed & 3);
  return seed >> 1 & 3;
}

static __noinline u32 deeper(u32 seed) {
  if ((seed & 0xf) == 4) bpf_throw(2);
  return deepest(seed) + (seed >> 7 & 1);
}

SEC("xdp")
int throwing(struct xdp_md *ctx) {
  u32 seed = 0;
  if (!seed_of(ctx, &seed)) bpf_throw(2);
  return deeper(seed);
}

SEC("xdp")
__exception_cb(handler) int handling(struct xdp_md *ctx) {
  u32 seed = 0;
  if (!seed_of(ctx, &seed)) bpf_throw(1);
  return deeper(seed >> 8);
}

SEC("xdp")
int dropping(struct xdp_md *ctx) { return XDP_DROP; }

__noinline int with_number(u32 number) {
  volatile int result = number;
  return result;
}

__noinline int with_context(struct xdp_md *ctx) {
  volatile int result = 2;
  return ctx ? result : 0;
}

__noinline int careful(u64 cookie) { return cookie + with_number(9) * 1000; }

static long each(u32 i, u32 *sum) {
  *sum += with_number(i);
  return 0;
}

SEC("xdp")
__exception_cb(careful) int target(struct xdp_md *ctx) {
  u32 seed, sum = 0;
  if (!seed_of(ctx, &seed)) return 0;
  bpf_loop(3, each, &sum, 0);
  sum += with_context(ctx) * 100;
  if (seed & 1) bpf_throw(sum);
  return sum;
}

static __noinline u32 over(u32 number) {
  if (number < 100) bpf_throw(number * 3);
  return number;
}

SEC("freplace/with_number")
int thrice(u32 number) { return over(number); }

SEC("freplace/with_context")
int raises(struct xdp_md *ctx) {
  bpf_throw(over(140) - 100);
  return 0;
}

__noinline int own_handler(u64 cookie) {
  handled += 100;
  return cookie + 5;
}

SEC("freplace/with_context")
__exception_cb(own_handler) int handles(struct xdp_md *ctx) { return over(2); }

SEC("freplace/careful")
int replaces_handler(u64 cookie) { return 1; }
