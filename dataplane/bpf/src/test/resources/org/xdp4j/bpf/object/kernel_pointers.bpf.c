// SPDX-License-Identifier: Apache-2.0
// Map values with pointers to the kernel's objects, of which none is ever there: what programs may
// do with them.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct task_struct {
	int pid;
	struct task_struct *real_parent;
};

struct cgroup {
	int level;
};

struct net_device {
	int ifindex;
};

struct bpf_crypto_ctx {
	__u32 siv_len;
};

#pragma clang attribute pop

#define __kptr __attribute__((btf_type_tag("kptr")))
#define __kptr_untrusted __attribute__((btf_type_tag("kptr_untrusted")))

struct owned_task {
	struct task_struct __kptr *task;
	int number;
};

struct seen_task {
	struct task_struct __kptr_untrusted *task;
};

struct owned_group {
	struct cgroup __kptr *group;
};

struct seen_device {
	struct net_device __kptr_untrusted *device;
};

struct owned_cipher {
	struct bpf_crypto_ctx __kptr *cipher;
};

#define MAP(NAME, VALUE)                                                                           \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(max_entries, 1);                                                            \
		__type(key, int);                                                                  \
		__type(value, struct VALUE);                                                       \
	} NAME SEC(".maps")

MAP(tasks, owned_task);
MAP(tasks_seen, seen_task);
MAP(groups, owned_group);
MAP(devices, seen_device);
MAP(ciphers, owned_cipher);

extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern void bpf_cgroup_release(struct cgroup *group) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern int bpf_dynptr_from_xdp(struct xdp_md *ctx, __u64 flags, struct bpf_dynptr *made) __ksym;
extern int bpf_crypto_decrypt(struct bpf_crypto_ctx *cipher, const struct bpf_dynptr *from,
			      const struct bpf_dynptr *to, const struct bpf_dynptr *siv) __ksym;
extern int bpf_crypto_encrypt(struct bpf_crypto_ctx *cipher, const struct bpf_dynptr *from,
			      const struct bpf_dynptr *to, const struct bpf_dynptr *siv) __ksym;

char _license[] SEC("license") = "GPL";
__u64 seen[8];

#define WITH(NAME, VALUE, FROM, WHAT)                                                              \
	SEC("xdp") int NAME(struct xdp_md *ctx)                                                    \
	{                                                                                          \
		int zero = 0;                                                                      \
		struct VALUE *value = bpf_map_lookup_elem(&FROM, &zero);                           \
		if (!value)                                                                        \
			return XDP_DROP;                                                           \
		WHAT;                                                                              \
		return XDP_PASS;                                                                   \
	}
#define TASK(NAME, WHAT) WITH(NAME, owned_task, tasks, WHAT)
#define LOADED(NAME, WHAT)                                                                         \
	TASK(NAME, struct task_struct *task = value->task; if (!task) { seen[1] = 7; return 2; }   \
	     WHAT)
#define SEEN(NAME, WHAT) WITH(NAME, seen_task, tasks_seen, WHAT)
#define CIPHER(NAME, WHAT)                                                                         \
	WITH(NAME, owned_cipher, ciphers, struct bpf_dynptr packet;                                \
	     struct bpf_crypto_ctx *cipher = value->cipher;                                        \
	     if (!cipher) { seen[1] = 7; return 2; }                                               \
	     bpf_dynptr_from_xdp(ctx, 0, &packet); WHAT)

LOADED(loaded, seen[0] = task->pid)
LOADED(acquired, task = bpf_task_acquire(task); if (task) bpf_task_release(task))
LOADED(walked, seen[0] = task->real_parent->pid)
LOADED(fail_released, bpf_task_release(task))
LOADED(fail_written, task->pid = 1)
TASK(beside, value->number = 3; seen[0] = value->number)
TASK(exchanged, struct task_struct *task = bpf_kptr_xchg(&value->task, 0);
     if (task) { seen[0] = task->pid; bpf_task_release(task); })
TASK(given, struct task_struct *task = bpf_task_from_pid(0x7fffffff); if (!task) return 2;
     task = bpf_kptr_xchg(&value->task, task); if (task) bpf_task_release(task))
TASK(fail_given_unowned,
     struct task_struct *task = bpf_kptr_xchg(&value->task, bpf_get_current_task_btf());
     if (task) bpf_task_release(task))
TASK(fail_given_and_used, struct task_struct *task = bpf_task_from_pid(0x7fffffff);
     if (!task) return 2; struct task_struct *old = bpf_kptr_xchg(&value->task, task);
     if (old) bpf_task_release(old); seen[0] = task->pid)
TASK(fail_not_released, seen[0] = bpf_kptr_xchg(&value->task, 0) != 0)
TASK(fail_stored, value->task = 0)
TASK(fail_half, seen[0] = *(volatile int *)&value->task)
TASK(fail_unchecked, seen[0] = value->task->pid)
TASK(fail_after_unlock, bpf_rcu_read_lock(); struct task_struct *task = value->task;
     bpf_rcu_read_unlock(); if (!task) return 2; task = bpf_task_acquire(task);
     if (task) bpf_task_release(task))
WITH(fail_other_struct, owned_group, groups,
     struct task_struct *task = bpf_task_from_pid(0x7fffffff); if (!task) return 2;
     void *old = bpf_kptr_xchg(&value->group, task); if (old) bpf_cgroup_release(old))
WITH(group_loaded, owned_group, groups, if (value->group) seen[0] = value->group->level)
WITH(group_exchanged, owned_group, groups,
     struct cgroup *group = bpf_kptr_xchg(&value->group, 0); if (group) bpf_cgroup_release(group))
WITH(group_read, owned_group, groups, struct cgroup *group = value->group;
     if (group) seen[0] = group->level)

SEEN(seen_loaded, struct task_struct *task = value->task; if (task) seen[0] = task->pid)
SEEN(seen_stored, value->task = bpf_get_current_task_btf(); struct task_struct *task = value->task;
     if (task) seen[0] = task->pid == (__u32)bpf_get_current_pid_tgid())
SEEN(seen_stored_null, value->task = 0)
SEEN(fail_seen_unchecked, struct task_struct *task = value->task; seen[0] = task->pid)
SEEN(fail_seen_context, value->task = (void *)ctx)
SEEN(fail_seen_acquired, struct task_struct *task = value->task; if (!task) return 2;
     task = bpf_task_acquire(task); if (task) bpf_task_release(task))
WITH(device, seen_device, devices, struct net_device *device = value->device;
     if (device) seen[0] = device->ifindex)

CIPHER(decrypted, seen[0] = bpf_crypto_decrypt(cipher, &packet, &packet, 0))
CIPHER(encrypted, seen[0] = bpf_crypto_encrypt(cipher, &packet, &packet, &packet))
CIPHER(cipher_read, seen[0] = cipher->siv_len)
CIPHER(fail_no_source, seen[0] = bpf_crypto_decrypt(cipher, 0, &packet, 0))
CIPHER(fail_no_dynptr, seen[0] = bpf_crypto_decrypt(cipher, &packet, &packet, (void *)seen))
WITH(fail_no_cipher, owned_cipher, ciphers, struct bpf_dynptr packet;
     struct bpf_crypto_ctx *cipher = value->cipher; bpf_dynptr_from_xdp(ctx, 0, &packet);
     seen[0] = bpf_crypto_decrypt(cipher, &packet, &packet, 0))
