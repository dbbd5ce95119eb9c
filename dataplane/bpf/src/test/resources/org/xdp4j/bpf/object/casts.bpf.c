// SPDX-License-Identifier: Apache-2.0
// The context as the kernel has it, any value as an address to read at, and arguments of global
// functions that are tagged as the kernel's.
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct net_device {
	unsigned int mtu;
	int ifindex;
	char name[16];
};

struct xdp_rxq_info {
	struct net_device *dev;
	__u32 queue_index;
	__u32 reg_state;
};

struct xdp_txq_info {
	struct net_device *dev;
};

struct xdp_buff {
	void *data;
	void *data_end;
	void *data_meta;
	void *data_hard_start;
	struct xdp_rxq_info *rxq;
	struct xdp_txq_info *txq;
	__u32 frame_sz;
	__u32 flags;
};

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
	char comm[16];
};

struct list_head {
	struct list_head *next, *prev;
};

struct ethhdr {
	unsigned char h_dest[6];
	unsigned char h_source[6];
	__be16 h_proto;
};

struct bpf_prog_array_item {
	void *prog;
	__u64 cookie;
};

struct bpf_prog_array {
	__u64 rcu[2];
	struct bpf_prog_array_item items[0];
};

struct xdp_buff___other {
	__u32 frame_sz;
};

struct nobody_has_this {
	int number;
};

#pragma clang attribute pop

extern void *bpf_cast_to_kern_ctx(void *context) __ksym;
extern void *bpf_rdonly_cast(const void *any, __u32 type) __ksym;
extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

#define TAG(NAME) __attribute__((btf_decl_tag("arg:" #NAME)))
#define AS(STRUCT, ANY) ((STRUCT *)bpf_rdonly_cast(ANY, bpf_core_type_id_kernel(STRUCT)))
#define ANY(WHAT) ((void *)bpf_rdonly_cast((void *)(WHAT), 0))
#define GLOBAL __attribute__((noinline)) int
#define PROGRAM(NAME, WHAT)                                                                        \
	SEC("xdp") int NAME(struct xdp_md *ctx)                                                    \
	{                                                                                          \
		WHAT;                                                                              \
		return XDP_PASS;                                                                   \
	}
#define BUFFER(NAME, WHAT)                                                                         \
	PROGRAM(NAME, struct xdp_buff *buff = bpf_cast_to_kern_ctx(ctx); WHAT)

char _license[] SEC("license") = "GPL";
__u64 seen[8];
__u64 place[8];

// The context as the kernel's.

BUFFER(lengths, seen[0] = buff->data_end - buff->data; seen[1] = buff->data - buff->data_meta)
BUFFER(room, seen[0] = buff->data - buff->data_hard_start; seen[1] = buff->frame_sz)
BUFFER(same_data, seen[0] = buff->data == (void *)(long)ctx->data)
BUFFER(same_address, seen[0] = (void *)buff == (void *)ctx)
BUFFER(flags, seen[0] = buff->flags; seen[1] = (long)buff->txq)
BUFFER(queue, seen[0] = buff->rxq->queue_index)
BUFFER(device, seen[0] = buff->rxq->dev->ifindex)
BUFFER(bytes, const unsigned char *at = buff->data; seen[0] = at[13] << 8 | at[14])
BUFFER(in_front, const unsigned char *at = buff->data_end; seen[0] = at[-1])
BUFFER(behind, const unsigned char *at = buff->data_hard_start; seen[0] = at[256 + 12])
BUFFER(head_moved, bpf_xdp_adjust_head(ctx, 4); seen[0] = buff->data_end - buff->data;
       seen[1] = *(unsigned char *)buff->data)
BUFFER(tail_moved, bpf_xdp_adjust_tail(ctx, -6); seen[0] = buff->data_end - buff->data)
BUFFER(meta_moved, bpf_xdp_adjust_meta(ctx, -8); seen[0] = buff->data - buff->data_meta)
BUFFER(never_null, if (!buff) seen[0] = *(volatile char *)0)
BUFFER(acquired, asm volatile("r1 = %1; .byte 0xc3,0x10,48,0,0,1,0,0; %0 = r0"
			      : "=r"(seen[0]) : "r"(buff) : "r0", "r1"))
BUFFER(fail_written, buff->data = 0)
BUFFER(fail_half_a_pointer, seen[0] = *(volatile __u32 *)&buff->data)
BUFFER(fail_as_context, bpf_xdp_adjust_head((void *)buff, 4))
BUFFER(fail_twice, buff = bpf_cast_to_kern_ctx(buff); seen[0] = buff->frame_sz)
BUFFER(fail_cut_off, asm volatile("r1 = *(u64 *)(%0 + 0); w1 *= 3" :: "r"(buff) : "r1"))
BUFFER(fail_two_pointers, asm volatile("r1 = *(u64 *)(%0 + 0); r1 += r1" :: "r"(buff) : "r1"))
BUFFER(fail_number_plus, asm volatile("r1 = *(u64 *)(%0 + 0); r2 = 3; r2 += r1; r0 = *(u8 *)(r2 + 0)"
				      :: "r"(buff) : "r0", "r1", "r2"))
BUFFER(multiplied, asm volatile("r1 = *(u64 *)(%0 + 0); r1 *= 3; r1 = *(u8 *)(r1 + 0)"
				:: "r"(buff) : "r1"))
BUFFER(masked, asm volatile("r1 = *(u64 *)(%1 + 0); r1 &= 0; %0 = *(u8 *)(r1 + 0)"
			    : "=r"(seen[0]) : "r"(buff) : "r1"); seen[0] += 3)
BUFFER(far_behind, asm volatile("r1 = *(u64 *)(%1 + 0); r1 += 0x7fffffff; r1 += 0x7fffffff;"
				"%0 = *(u8 *)(r1 + 0)" : "=r"(seen[0]) : "r"(buff) : "r1");
       seen[0] = 3)
BUFFER(negated, asm volatile("r1 = *(u64 *)(%0 + 0); r1 = -r1" :: "r"(buff) : "r1"))
BUFFER(fail_negated, asm volatile("r1 = *(u64 *)(%0 + 0); r1 = -r1; r1 = *(u8 *)(r1 + 0)"
				  :: "r"(buff) : "r1"))
BUFFER(here_state, seen[0] = buff->rxq->reg_state)
BUFFER(here_name, seen[0] = buff->rxq->dev->name[0])
PROGRAM(fail_behind_context, struct xdp_buff *b = bpf_cast_to_kern_ctx((void *)ctx + 4);
	seen[0] = b->frame_sz)

// Any value as an address.

PROGRAM(packet, const unsigned char *at = ANY((long)ctx->data); seen[0] = at[13] << 8 | at[14])
PROGRAM(packet_that_moved, const unsigned char *at = ANY((long)ctx->data);
	bpf_xdp_adjust_head(ctx, 4); seen[0] = at[4])
PROGRAM(nothing, const char *at = ANY(0); seen[0] = at[13] + 7)
PROGRAM(small, const char *at = ANY(4000); seen[0] = at[13] + 7)
PROGRAM(far, const char *at = ANY(0xffffffff12345678ull); seen[0] = at[13] + 7)
PROGRAM(odd, const long *at = ANY(0x7ffffffffffffffdull); seen[0] = at[0] + 7)
PROGRAM(stack, volatile long a = 77; const char *at = ANY(&a); seen[0] = at[0])
PROGRAM(stack_later, volatile long a = 77; const char *at = ANY(&a); a = 78; seen[0] = at[0])
PROGRAM(stack_below, volatile long a[4] = {}; const long *at = ANY(&a[3]); a[1] = 5;
	seen[0] = at[-2])
PROGRAM(value, place[1] = 42; const __u64 *at = ANY(place); seen[0] = at[1])
PROGRAM(value_before, place[0] = 9; const __u64 *at = ANY(&place[1]); seen[0] = at[-1])
PROGRAM(value_somewhere, place[1] = 5; const char *at = ANY(place);
	seen[0] = at[ctx->rx_queue_index + 8])
PROGRAM(sign, place[0] = 0xfe; const signed char *at = ANY(place); seen[0] = at[0] + 9)
PROGRAM(wide_sign, place[0] = 0xfffffffeul; const int *at = ANY(place); seen[0] = at[0] + 9l)
PROGRAM(a_pointer, place[1] = (long)&place[2]; place[2] = 6; void **at = ANY(place);
	seen[0] = *(__u64 *)ANY(at[1]))
PROGRAM(compared, void *at = ANY(place); seen[0] = at == (void *)place)
PROGRAM(stored, void *at = ANY(place); place[3] = (long)at; seen[0] = place[3] == (long)place)
PROGRAM(either, const char *at = (void *)place; if (!ctx->rx_queue_index) at = ANY(&place[1]);
	place[1] = 4; seen[0] = *(volatile char *)at)
PROGRAM(either_stack, volatile long a = 3; const char *at = (void *)&a;
	if (!ctx->rx_queue_index) at = ANY(&place[1]); place[1] = 4;
	seen[0] = *(volatile char *)at)
PROGRAM(context, const __u64 *at = ANY(ctx); seen[0] = at[1] - at[0])
PROGRAM(load_acquired, const __u64 *at = ANY(place); place[0] = 4;
	asm volatile("r1 = %1; .byte 0xdb,0x10,0,0,0,1,0,0; %0 = r0"
		     : "=r"(seen[0]) : "r"(at) : "r0", "r1"))
PROGRAM(not_set, asm volatile("r2 = 0; call bpf_rdonly_cast; %0 = r0" : "=r"(seen[7])
			      :: "r0", "r1", "r2", "r3", "r4", "r5");
	seen[7] = 0)
PROGRAM(fail_store, char *at = ANY(place); at[0] = 1)
PROGRAM(fail_add, __u64 *at = ANY(place); __sync_fetch_and_add(at, 1))
PROGRAM(fail_in_a_helper, seen[0] = bpf_csum_diff(ANY(place), 8, 0, 0, 0))
PROGRAM(fail_perhaps_null, char *at = ANY(place); if (!at) seen[0] = *(volatile char *)at)

// The same as structs.

PROGRAM(ethernet, struct ethhdr *at = AS(struct ethhdr, (void *)(long)ctx->data);
	seen[0] = at->h_proto; seen[1] = at->h_source[1])
PROGRAM(list, place[0] = (long)&place[2]; place[3] = 5;
	seen[0] = (long)AS(struct list_head, place)->next->prev)
PROGRAM(nowhere, seen[0] = AS(struct task_struct, 0)->real_parent->pid + 3)
PROGRAM(elements, place[0] = 0; seen[0] = !AS(struct bpf_prog_array, place)->items[2].prog)
PROGRAM(of_context, seen[0] = AS(struct xdp_buff, ctx)->frame_sz)
PROGRAM(structs_or_memory, const char *at = ANY(place);
	if (ctx->rx_queue_index) at = (void *)AS(struct ethhdr, &place[1]);
	place[0] = 4; seen[0] = *(volatile char *)at)
PROGRAM(fail_no_struct, seen[0] = *(int *)bpf_rdonly_cast(ctx, bpf_core_type_id_kernel(int)))
PROGRAM(fail_no_type, seen[0] = *(int *)bpf_rdonly_cast(ctx, 99999999))
PROGRAM(fail_some_type, seen[0] = *(int *)bpf_rdonly_cast(ctx, ctx->rx_queue_index))
PROGRAM(fail_behind, seen[0] = ((volatile char *)AS(struct ethhdr, place))[14])
PROGRAM(fail_before, seen[0] = ((volatile char *)AS(struct ethhdr, place))[-1])
PROGRAM(fail_somewhere,
	seen[0] = ((volatile char *)AS(struct ethhdr, place))[ctx->rx_queue_index & 7])

// The thread.

PROGRAM(thread, struct task_struct *task = bpf_get_current_task_btf();
	__u64 ids = bpf_get_current_pid_tgid(); seen[0] = task->pid == (__u32)ids;
	seen[1] = task->tgid == ids >> 32)
PROGRAM(name, struct task_struct *task = bpf_get_current_task_btf(); char name[16];
	bpf_get_current_comm(name, sizeof(name)); seen[0] = 1;
	for (int i = 0; i < 16; i++) seen[0] &= name[i] == task->comm[i])
PROGRAM(here_parent, struct task_struct *task = bpf_get_current_task_btf();
	seen[0] = task->real_parent->pid != 0)
PROGRAM(fail_release, bpf_task_release(bpf_get_current_task_btf()))

// Arguments of global functions.

#define KEEP asm volatile("")

GLOBAL other_buffer(struct xdp_buff___other *buff TAG(trusted))
{
	KEEP;
	return buff->frame_sz;
}
GLOBAL buffer_or_null(struct xdp_buff___other *buff TAG(trusted) TAG(nullable))
{
	KEEP;
	return buff ? buff->frame_sz : 7;
}
GLOBAL buffer_unchecked(struct xdp_buff___other *buff TAG(trusted) TAG(nullable))
{
	KEEP;
	return buff->frame_sz;
}
GLOBAL two_tags(struct xdp_buff___other *buff TAG(trusted) TAG(nonnull))
{
	KEEP;
	return buff->frame_sz;
}
GLOBAL as_context(struct xdp_buff *ctx)
{
	KEEP;
	return ((struct xdp_md *)ctx)->ingress_ifindex;
}
GLOBAL tagged_context(struct xdp_buff *ctx TAG(ctx))
{
	KEEP;
	return ((struct xdp_md *)ctx)->ingress_ifindex;
}
GLOBAL a_task(struct task_struct *task TAG(trusted))
{
	KEEP;
	struct task_struct *mine = bpf_task_acquire(task);
	if (mine)
		bpf_task_release(mine);
	return task->pid != 0;
}
GLOBAL a_void(void *any TAG(untrusted))
{
	KEEP;
	return *(volatile unsigned char *)any;
}
GLOBAL a_number(int *any TAG(untrusted))
{
	KEEP;
	return any[1];
}
GLOBAL an_enum(enum xdp_action *any TAG(untrusted))
{
	KEEP;
	return *any;
}
GLOBAL a_header(struct ethhdr *any TAG(untrusted))
{
	KEEP;
	return any->h_proto;
}
GLOBAL untrusted_or_null(void *any TAG(untrusted) TAG(nullable))
{
	KEEP;
	return 1;
}
GLOBAL pointer_to_pointer(void **any TAG(untrusted))
{
	KEEP;
	return *any != 0;
}
GLOBAL changes(int *any TAG(untrusted))
{
	KEEP;
	any[0] = 1;
	return 1;
}
GLOBAL memory(int *number)
{
	KEEP;
	return number ? *number : 9;
}
GLOBAL memory_or_null(int *number TAG(nullable))
{
	KEEP;
	return number ? *number : 9;
}
GLOBAL tagged_number(int number TAG(untrusted))
{
	KEEP;
	return number;
}
static __attribute__((noinline)) int of_this_file(int *any TAG(untrusted))
{
	KEEP;
	return any[0];
}

BUFFER(give_buffer, seen[0] = other_buffer((void *)buff))
BUFFER(give_or_null, seen[0] = buffer_or_null((void *)buff); seen[1] = buffer_or_null(0))
BUFFER(fail_unchecked, seen[0] = buffer_unchecked((void *)buff))
BUFFER(fail_two_tags, seen[0] = two_tags((void *)buff))
BUFFER(fail_wrong_struct, seen[0] = a_task((void *)buff))
BUFFER(fail_inside, seen[0] = other_buffer((void *)buff + 8))
BUFFER(fail_buffer_as_context, seen[0] = as_context(buff))
BUFFER(fail_buffer_as_memory, seen[0] = memory((void *)buff))
PROGRAM(fail_null, seen[0] = other_buffer(0))
PROGRAM(fail_untrusted, seen[0] = other_buffer((void *)AS(struct xdp_buff, ctx)))
PROGRAM(fail_stack, char b[256] = {}; seen[0] = other_buffer((void *)b))
PROGRAM(fail_context, seen[0] = other_buffer((void *)ctx))
PROGRAM(give_context, seen[0] = as_context((void *)ctx))
PROGRAM(fail_tagged_context, seen[0] = tagged_context((void *)ctx))
PROGRAM(give_task, seen[0] = a_task(bpf_get_current_task_btf()))
PROGRAM(give_value, place[0] = 5; seen[0] = a_void(place))
PROGRAM(give_number, seen[0] = a_void((void *)(long)ctx->rx_queue_index) + 6)
PROGRAM(give_packet, seen[0] = a_void((void *)(long)ctx->data + 12))
PROGRAM(give_stack, volatile long a = 9; seen[0] = a_void((void *)&a))
PROGRAM(give_ints, place[0] = 5ul << 32; seen[0] = a_number((int *)place))
PROGRAM(give_enum, place[0] = 3; seen[0] = an_enum((void *)place))
PROGRAM(give_header, seen[0] = a_header((void *)(long)ctx->data))
PROGRAM(fail_untrusted_or_null, seen[0] = untrusted_or_null(place))
PROGRAM(fail_pointer_to_pointer, seen[0] = pointer_to_pointer((void *)place))
PROGRAM(fail_changes, seen[0] = changes((int *)place))
PROGRAM(fail_any_as_memory, seen[0] = memory(ANY(place)))
PROGRAM(fail_memory_or_null, seen[0] = memory_or_null((int *)place))
PROGRAM(fail_tagged_number, seen[0] = tagged_number(3))
PROGRAM(give_static, place[0] = 4; seen[0] = of_this_file((int *)place))
