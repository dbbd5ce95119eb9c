// rule: a looked-up value is used without being compared with NULL
// cause: null-not-checked
// line: *value += 1;
// reason: value of map 'counts', or NULL; compare it with NULL before using it
// advice: compare the pointer with NULL
// path: bpf_map_lookup_elem(&counts, &key); | was returned by bpf_map_lookup_elem
// counterexample: yes
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

#ifdef MENDED
	if (!value)
		return XDP_PASS;
#endif
	*value += 1;
	return XDP_PASS;
}
