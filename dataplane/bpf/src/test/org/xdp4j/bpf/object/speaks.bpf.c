// Says by perf events and ring-buffer records which number a frame begins with.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

static __always_inline int number(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;

	return data + 4 <= (void *)(long)ctx->data_end ? *(int *)data : -1;
}

SEC("xdp")
int tells(struct xdp_md *ctx)
{
	int said[3] = {number(ctx)};

	return bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, said, sizeof(said));
}

SEC("xdp")
int tells_cpu_0(struct xdp_md *ctx)
{
	int said[3] = {number(ctx)};

	return bpf_perf_event_output(ctx, &events, 0, said, sizeof(said));
}

SEC("xdp")
int tells_more(struct xdp_md *ctx)
{
	int said = number(ctx);
	__u64 more = said & 0xfff;

	return bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | more << 32, &said, sizeof(said));
}

SEC("xdp")
int records_it(struct xdp_md *ctx)
{
	int *record = bpf_ringbuf_reserve(&records, sizeof(*record), 0);

	if (!record)
		return 1;
	*record = number(ctx);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

char gpl[] SEC("license") = "GPL";
