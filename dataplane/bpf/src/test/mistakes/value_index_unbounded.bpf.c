// rule: an index into a value has no upper bound
// cause: unbounded-index
// line: return value->words[i];
// reason: has no upper bound, and there are only 64 bytes: check the index before using it
// advice: check the variable part right before its use
// counterexample: yes
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	__u32 key = 0, i = ctx->rx_queue_index;
	struct row *value = bpf_map_lookup_elem(&table, &key);

	if (!value)
		return XDP_PASS;
#ifdef MENDED
	i &= 7;
#endif
	return value->words[i];
}
