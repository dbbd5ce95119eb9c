// SPDX-License-Identifier: Apache-2.0
// CO-RE relocations about types that a kernel has, and about some that no kernel has.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct task_struct___mine {
	int pid;
	int no_such_field;
};

struct xdp_buff {
	unsigned int flags;
	void *data;
	void *no_such_field;
};

struct net_device {
	char name[16];
	int ifindex;
	unsigned char addr_len;
};

struct no_such_type {
	int x;
};

struct tcphdr___bits {
	__u16 window;
	__u16 doff : 4, syn : 1;
};

struct list_head___whole {
	struct list_head___whole *next, *prev;
};

struct net_device___sizes {
	int ifindex;
	unsigned int addr_len;
};

struct net_device___same {
	int ifindex;
	unsigned char addr_len;
	struct net_device_ops *netdev_ops;
};

struct list_head___int {
	int *next;
};

struct net_device___wide {
	long ifindex;
};

struct net_device___wide_mtu {
	unsigned long mtu;
};

struct sk_buff___narrow {
	unsigned short cb[48];
};

#pragma clang attribute pop

enum bpf_func_id___asked { BPF_FUNC_tail_call___asked = 77, BPF_FUNC_no_such___asked = 78 };
enum no_such_enum { NO_SUCH = 5 };
enum xdp_action___more { XDP_TX___more = 30, XDP_MORE = 9 };

typedef int no_such_typedef;
typedef __u32 u32___mine;
typedef __u32 *u64___pointer;
typedef int (*cmp_func_t___same)(const char *, const char *);
typedef int (*cmp_func_t)(const void *, const void *);
typedef int (*cmp_func_t___one)(const void *);
typedef void (*cmp_func_t___void)(const void *, const void *);
typedef int (*cmp_func_t___int)(const void *, int);
typedef double s64___double;
typedef struct {
	int counter;
} atomic_t___same;

long results[48];

SEC("xdp")
int asked(struct xdp_md *ctx)
{
	struct task_struct___mine *task = 0;
	void *data = (void *)(long)ctx->data;
	struct net_device___wide *device = data;
	struct sk_buff___narrow *buffer = data;

	results[0] = bpf_core_field_exists(task->pid);
	results[1] = bpf_core_field_exists(task->no_such_field);
	results[2] = bpf_core_field_exists(struct xdp_buff, no_such_field);
	results[3] = bpf_core_field_offset(struct xdp_buff, data);
	results[4] = bpf_core_field_offset(struct xdp_buff, flags);
	results[5] = bpf_core_field_size(struct net_device, name);
	results[6] = bpf_core_field_offset(struct net_device, ifindex);
	results[7] = bpf_core_type_exists(struct no_such_type);
	results[8] = bpf_core_type_exists(struct xdp_buff);
	results[9] = bpf_core_type_size(struct xdp_buff);
	results[10] = bpf_core_type_size(struct no_such_type);
	results[11] = bpf_core_enum_value_exists(enum bpf_func_id___asked, BPF_FUNC_tail_call___asked);
	results[12] = bpf_core_enum_value(enum bpf_func_id___asked, BPF_FUNC_tail_call___asked);
	results[13] = bpf_core_enum_value_exists(enum bpf_func_id___asked, BPF_FUNC_no_such___asked);
	results[14] = bpf_core_enum_value_exists(enum no_such_enum, NO_SUCH);
	results[15] = bpf_core_enum_value(enum xdp_action___more, XDP_TX___more);
	results[16] = bpf_core_type_matches(struct list_head___whole);
	results[17] = bpf_core_type_matches(struct task_struct___mine);
	results[18] = bpf_core_type_matches(enum xdp_action___more);
	results[19] = bpf_core_type_exists(no_such_typedef);
	results[20] = bpf_core_type_exists(u32___mine);
	results[21] = bpf_core_type_exists(u64___pointer);
	results[22] = bpf_core_type_id_kernel(struct xdp_buff);
	results[23] = bpf_core_type_id_kernel(struct no_such_type);
	results[24] = __builtin_preserve_field_info(((struct tcphdr___bits *)0)->doff,
						    BPF_FIELD_LSHIFT_U64);
	results[25] = __builtin_preserve_field_info(((struct tcphdr___bits *)0)->syn,
						    BPF_FIELD_RSHIFT_U64);
	results[26] = __builtin_preserve_field_info(((struct net_device *)0)->ifindex,
						    BPF_FIELD_SIGNED);
	results[27] = bpf_core_field_offset(struct tcphdr___bits, window);
	results[29] = bpf_core_type_matches(struct net_device___sizes);
	results[30] = bpf_core_type_matches(struct net_device___same);
	results[31] = bpf_core_type_matches(struct list_head___int);
	if (bpf_core_field_exists(task->no_such_field))
		results[28] = task->no_such_field;
	results[32] = bpf_core_type_exists(cmp_func_t);
	results[33] = bpf_core_type_exists(cmp_func_t___same);
	results[34] = bpf_core_type_exists(cmp_func_t___one);
	results[35] = bpf_core_type_exists(cmp_func_t___void);
	results[36] = bpf_core_type_exists(cmp_func_t___int);
	results[37] = bpf_core_type_exists(s64___double);
	results[38] = bpf_core_type_exists(atomic_t___same);
	results[39] = bpf_core_field_exists(struct net_device___wide, ifindex);
	if (bpf_core_field_size(struct net_device___wide, ifindex) == 8)
		results[40] = device->ifindex;
	if (bpf_core_field_exists(struct net_device___wide_mtu, mtu))
		results[41] = bpf_core_field_size(struct net_device___wide_mtu, mtu);
	if (bpf_core_field_exists(struct sk_buff___narrow, cb) &&
	    bpf_core_field_size(struct sk_buff___narrow, cb) == 96)
		results[42] = buffer->cb[2];
	results[43] = bpf_core_field_exists(buffer->cb[47]);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
