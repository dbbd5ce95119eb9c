// rule: a subprogram checks one byte less than it reads
// cause: packet-bounds
// line: return *(unsigned char *)(data + 20);
// reason: needs 21 bytes checked against data_end, but only 20 are
// advice: leave the path when data + 21 > data_end
// path: if (ctx->rx_queue_index > 4) | > 4 is false
// path: return read(data, end) & 1; | calls read()
// path: if (data + CHECKED > end) | packet + 20 > data_end is false
// counterexample: yes
#include "mistake.h"

#ifdef MENDED
#define CHECKED 21
#else
#define CHECKED 20
#endif

static __attribute__((noinline)) int read(void *data, void *end)
{
	if (data + CHECKED > end)
		return 0;
	return *(unsigned char *)(data + 20);
}

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	if (ctx->rx_queue_index > 4)
		return XDP_PASS;
	return read(data, end) & 1;
}
