// SPDX-License-Identifier: Apache-2.0
// C++ whose structs have member functions, which clang's BTF makes members of type void.
#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))

struct length {
  __u32 octets;
  bool operator<(const length &other) const { return octets < other.octets; }
  constexpr length(__u32 octets) : octets(octets) {}
};

struct extremes {
  __u32 frames;
  length least;
  length most;
  void add(const length &one) {
    frames++;
    if (one < least || frames == 1)
      least = one;
    if (most < one)
      most = one;
  }
};

// Named: maps of a nameless type would be static, which libbpf refuses.
struct length_map {
  int (*type)[BPF_MAP_TYPE_ARRAY];
  int (*max_entries)[1];
  __u32 *key;
  extremes *value;
} lengths SEC(".maps");

extern "C" SEC("xdp") int members(struct xdp_md *ctx) {
  static void *(*const lookup)(void *, const void *) = (void *(*)(void *, const void *))1;
  __u32 key = 0;
  extremes *value = static_cast<extremes *>(lookup(&lengths, &key));
  if (!value)
    return XDP_ABORTED;
  value->add(length(ctx->data_end - ctx->data));
  return value->least < value->most ? XDP_DROP : XDP_PASS;
}

extern "C" {
char _license[] SEC("license") = "GPL";
}
