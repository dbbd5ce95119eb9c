// rule: a loop never ends
// cause: endless-loop
// line: asm volatile("" : "+r"(i));
// reason: a path comes back here with nothing changed
// advice: let each turn of the loop change what its end is decided by
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	__u32 i = 0;

	do {
		asm volatile("" : "+r"(i));
#ifdef MENDED
		i++;
#endif
	} while (i < 10);
	return XDP_PASS;
}
