// Maps whose sizes and inner maps a loader decides.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
} unsized SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 8);
} fixed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 4);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} pinned SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__uint(max_entries, 1);
		__type(key, __u32);
		__type(value, __u64);
	});
} holder SEC(".maps");

SEC("xdp")
int counts(struct xdp_md *ctx)
{
	__u32 key = 0, last = 7;
	__u64 *count = bpf_map_lookup_elem(&unsized, &key);

	bpf_map_lookup_elem(&pinned, &key);
	bpf_map_lookup_elem(&holder, &key);
	bpf_ringbuf_output(&records, &key, sizeof(key), 0);
	if (count)
		*count += 1;
	return bpf_map_lookup_elem(&fixed, &last) ? XDP_PASS : XDP_ABORTED;
}

char gpl[] SEC("license") = "GPL";
