// rule: an index into a value may be its number of elements
// cause: memory-bounds
// line: return value->words[i];
// reason: may end at byte 72, but there are only 64 bytes
// advice: leave the path when it is more than 56
// path: if ( | > 8 is false
// counterexample: no
#include "mistake.h"

#ifdef MENDED
#define LIMIT 7
#else
#define LIMIT 8
#endif

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	__u32 key = 0, i = ctx->rx_queue_index;
	struct row *value = bpf_map_lookup_elem(&table, &key);

	if (!value)
		return XDP_PASS;
	if (i > LIMIT)
		return XDP_PASS;
	return value->words[i];
}
