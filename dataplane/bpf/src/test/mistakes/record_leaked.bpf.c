// rule: a reserved record is given back on one path only
// cause: leak
// line: }
// reason: reserved: submit or discard it on every path
// advice: submit, discard or release it on every path
// path: if (ctx->rx_queue_index > 4) { | > 4 is
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	__u64 *record = bpf_ringbuf_reserve(&events, 8, 0);

	if (!record)
		return XDP_PASS;
	*record = 1;
	if (ctx->rx_queue_index > 4) {
#ifdef MENDED
		bpf_ringbuf_discard(record, 0);
#endif
		return XDP_PASS;
	}
	bpf_ringbuf_submit(record, 0);
	return XDP_PASS;
}
