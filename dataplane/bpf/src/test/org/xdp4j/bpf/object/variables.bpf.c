// SPDX-License-Identifier: Apache-2.0
// Global variables of every section, static and global, and what they hold.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum mode { OFF, ON = 5 };

struct point {
	int x;
	unsigned short y : 4;
	unsigned short z : 9;
};

static volatile int hidden_count = 3;
long total = 5;
struct point origin = { .x = -1, .y = 9, .z = 300 };
const volatile enum mode mode = ON;
const volatile char name[8] = "eth0";
int hot[4] SEC(".data.hot") = { 1, 2, 3, 4 };
const volatile int limit SEC(".rodata.limits") = 77;
__u64 zeros[5];
static volatile __u8 flags[3] SEC(".bss.flags");

SEC("xdp")
int variables(struct xdp_md *ctx)
{
	__u32 i = ctx->rx_queue_index & 3;

	hidden_count++;
	total += hot[i] + limit + mode + name[i];
	zeros[i] += origin.y;
	flags[i > 2 ? 2 : i] = 1;
	bpf_printk("%d", total);
	return total > 9 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
