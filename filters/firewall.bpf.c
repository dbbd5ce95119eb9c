// SPDX-License-Identifier: Apache-2.0
/*
 * A stateless firewall in front of a host. In this order:
 *
 *   1. frames that are broken or lie about their source are dropped
 *   2. the longest matching prefix of the source address decides, if there is one
 *   3. an entry for the protocol and destination port decides, if there is one
 *   4. the built-in policy: replies pass, new connections pass to open ports only
 *
 * With no map filled only 1 and 4 are at work. Every frame is counted once, under what decided.
 */
#include "count.h"
#include "icmp.h"
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

#define OPEN_PORTS 8
#define LAST_SYSTEM_PORT 1023

/* What an entry of a map wants: anything but XDP_PASS drops. */
struct rule {
	enum xdp_action action;
	__u32 id;
	struct count hits;
};

struct prefix_v4 {
	__u32 length;
	__u8 address[4];
};

struct prefix_v6 {
	__u32 length;
	__u8 address[16];
};

struct port {
	__u8 protocol;
	__u8 zero;
	__be16 number;
};

struct decisions {
	struct count dropped_truncated;
	struct count dropped_malformed;
	struct count dropped_spoofed_source;
	struct count dropped_tcp_flags;
	struct count dropped_tiny_fragment;
	struct count dropped_by_prefix;
	struct count dropped_by_port;
	struct count dropped_closed_tcp_port;
	struct count dropped_closed_udp_port;
	struct count dropped_icmp_type;
	struct count dropped_protocol;
	struct count passed_by_prefix;
	struct count passed_by_port;
	struct count passed_not_ip;
	struct count passed_protocol;
	struct count passed_fragment;
	struct count passed_icmp;
	struct count passed_tcp_established;
	struct count passed_tcp_open_port;
	struct count passed_udp_open_port;
	struct count passed_udp_reply;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix_v4);
	__type(value, struct rule);
} sources_v4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix_v6);
	__type(value, struct rule);
} sources_v6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct port);
	__type(value, struct rule);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct decisions);
} decisions SEC(".maps");

/* Read-only once loaded; a loader may set others first. 0 ends a list early. */
const volatile __u16 open_tcp_ports[OPEN_PORTS] = { 22, 53, 80, 443 };
const volatile __u16 open_udp_ports[OPEN_PORTS] = { 53, 67, 123, 443 };
/* What no rule speaks about: a protocol that is not ICMP, TCP or UDP. */
const volatile enum xdp_action default_action = XDP_DROP;

/* One frame on its way through the rules. */
struct visit {
	struct decisions *decisions;
	__u64 bytes;
};

static __always_inline int drop(const struct visit *visit, struct count *count)
{
	add(count, visit->bytes);
	return XDP_DROP;
}

static __always_inline int pass(const struct visit *visit, struct count *count)
{
	add(count, visit->bytes);
	return XDP_PASS;
}

static __always_inline int obey(const struct visit *visit, struct rule *rule, struct count *passed,
				struct count *dropped)
{
	add_shared(&rule->hits, visit->bytes);
	return rule->action == XDP_PASS ? pass(visit, passed) : drop(visit, dropped);
}

static __always_inline bool is_open(const volatile __u16 *list, __u16 port)
{
#pragma clang loop unroll(full)
	for (int i = 0; i < OPEN_PORTS; i++)
		if (list[i] == port)
			return port != 0;
	return false;
}

/* No host sends from these: RFC 1122, section 3.2.1.3 and RFC 4291, section 2.7. */
static __always_inline bool is_spoofed_v4(const struct iphdr *ip)
{
	__u32 source = bpf_ntohl(ip->saddr);

	return source >> 24 == 127 || source >> 28 == 0xe || source == 0xffffffff ||
	       (source == bpf_ntohl(ip->daddr) && source != 0);
}

static __always_inline bool is_spoofed_v6(const struct ipv6hdr *ip)
{
	const struct in6_addr *source = &ip->saddr;
	bool high_zero = !(source->s6_addr32[0] | source->s6_addr32[1] | source->s6_addr32[2]);

	return source->s6_addr[0] == 0xff || (high_zero && source->s6_addr32[3] == bpf_htonl(1));
}

/* Combinations that no TCP sends, but port scanners do. */
static __always_inline bool is_scan(const struct tcphdr *tcp)
{
	bool nothing = !tcp->syn && !tcp->ack && !tcp->fin && !tcp->rst;

	return nothing || (tcp->syn && (tcp->fin || tcp->rst)) || (tcp->fin && !tcp->ack);
}

static __always_inline struct rule *rule_for_port(__u8 protocol, __be16 number)
{
	struct port port = { .protocol = protocol, .number = number };

	return bpf_map_lookup_elem(&ports, &port);
}

static __always_inline int judge_tcp(const struct visit *visit, struct cursor *cursor)
{
	struct decisions *decisions = visit->decisions;
	struct tcphdr *tcp = cursor->at;
	struct rule *rule;

	if (!skip(cursor, sizeof(*tcp)))
		return drop(visit, &decisions->dropped_truncated);
	if (tcp->doff < 5)
		return drop(visit, &decisions->dropped_malformed);
	if (is_scan(tcp))
		return drop(visit, &decisions->dropped_tcp_flags);
	rule = rule_for_port(IPPROTO_TCP, tcp->dest);
	if (rule)
		return obey(visit, rule, &decisions->passed_by_port, &decisions->dropped_by_port);
	if (!tcp->syn || tcp->ack)
		return pass(visit, &decisions->passed_tcp_established);
	if (is_open(open_tcp_ports, bpf_ntohs(tcp->dest)))
		return pass(visit, &decisions->passed_tcp_open_port);
	return drop(visit, &decisions->dropped_closed_tcp_port);
}

static __always_inline int judge_udp(const struct visit *visit, struct cursor *cursor)
{
	struct decisions *decisions = visit->decisions;
	struct udphdr *udp = cursor->at;
	struct rule *rule;

	if (!skip(cursor, sizeof(*udp)))
		return drop(visit, &decisions->dropped_truncated);
	if (bpf_ntohs(udp->len) < sizeof(*udp))
		return drop(visit, &decisions->dropped_malformed);
	rule = rule_for_port(IPPROTO_UDP, udp->dest);
	if (rule)
		return obey(visit, rule, &decisions->passed_by_port, &decisions->dropped_by_port);
	if (is_open(open_udp_ports, bpf_ntohs(udp->dest)))
		return pass(visit, &decisions->passed_udp_open_port);
	/* A service answers from a system port to one of the ports that clients take. */
	if (bpf_ntohs(udp->source) <= LAST_SYSTEM_PORT && bpf_ntohs(udp->dest) > LAST_SYSTEM_PORT)
		return pass(visit, &decisions->passed_udp_reply);
	return drop(visit, &decisions->dropped_closed_udp_port);
}

/* Redirects change routes and are believed from no one; other queries have no use today. */
static __always_inline bool is_wanted_icmp(__u8 type)
{
	return type == ICMP_ECHO || type == ICMP_ECHO_REPLY || type == ICMP_UNREACHABLE ||
	       type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM;
}

/* Errors, echo, and what neighbour and multicast listener discovery need, but no redirect. */
static __always_inline bool is_wanted_icmp6(__u8 type)
{
	return (type >= ICMP6_UNREACHABLE && type <= ICMP6_PARAMETER_PROBLEM) ||
	       (type >= ICMP6_ECHO && type <= ICMP6_NEIGHBOUR_ADVERTISEMENT) ||
	       type == ICMP6_MLD2_REPORT;
}

static __always_inline int judge_icmp(const struct visit *visit, struct cursor *cursor,
				      __u8 protocol)
{
	struct decisions *decisions = visit->decisions;
	struct icmp *icmp = cursor->at;

	if (!skip(cursor, sizeof(*icmp)))
		return drop(visit, &decisions->dropped_truncated);
	if (protocol == IPPROTO_ICMP ? is_wanted_icmp(icmp->type) : is_wanted_icmp6(icmp->type))
		return pass(visit, &decisions->passed_icmp);
	return drop(visit, &decisions->dropped_icmp_type);
}

static __always_inline int judge(const struct visit *visit, struct cursor *cursor,
				 const struct transport *transport)
{
	struct decisions *decisions = visit->decisions;

	/* Harmless alone: without the first fragment, which is judged, nothing is reassembled. */
	if (transport->later_fragment)
		return pass(visit, &decisions->passed_fragment);
	switch (transport->protocol) {
	case IPPROTO_TCP:
		/* A fragment that cuts through the ports and flags wants to hide them: RFC 1858. */
		if (transport->fragment && cursor->at + sizeof(struct tcphdr) > cursor->end)
			return drop(visit, &decisions->dropped_tiny_fragment);
		return judge_tcp(visit, cursor);
	case IPPROTO_UDP:
		return judge_udp(visit, cursor);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return judge_icmp(visit, cursor, transport->protocol);
	default:
		if (default_action == XDP_PASS)
			return pass(visit, &decisions->passed_protocol);
		return drop(visit, &decisions->dropped_protocol);
	}
}

static __always_inline int judge_ipv4(const struct visit *visit, struct cursor *cursor)
{
	struct decisions *decisions = visit->decisions;
	struct prefix_v4 source = { .length = 32 };
	struct transport transport;
	struct iphdr *ip;
	struct rule *rule;

	if (!take_ipv4(cursor, &ip, &transport))
		return drop(visit, &decisions->dropped_malformed);
	if (is_spoofed_v4(ip))
		return drop(visit, &decisions->dropped_spoofed_source);
	__builtin_memcpy(source.address, &ip->saddr, sizeof(source.address));
	rule = bpf_map_lookup_elem(&sources_v4, &source);
	if (rule)
		return obey(visit, rule, &decisions->passed_by_prefix, &decisions->dropped_by_prefix);
	return judge(visit, cursor, &transport);
}

static __always_inline int judge_ipv6(const struct visit *visit, struct cursor *cursor)
{
	struct decisions *decisions = visit->decisions;
	struct prefix_v6 source = { .length = 128 };
	struct transport transport;
	struct ipv6hdr *ip;
	struct rule *rule;

	if (!take_ipv6(cursor, &ip, &transport))
		return drop(visit, &decisions->dropped_malformed);
	if (is_spoofed_v6(ip))
		return drop(visit, &decisions->dropped_spoofed_source);
	__builtin_memcpy(source.address, &ip->saddr, sizeof(source.address));
	rule = bpf_map_lookup_elem(&sources_v6, &source);
	if (rule)
		return obey(visit, rule, &decisions->passed_by_prefix, &decisions->dropped_by_prefix);
	return judge(visit, cursor, &transport);
}

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct visit visit = { .bytes = frame_length(ctx) };
	__be16 protocol;
	__u32 zero = 0;

	visit.decisions = bpf_map_lookup_elem(&decisions, &zero);
	if (!visit.decisions)
		return XDP_ABORTED;
	if (!take_ethernet(&cursor, &protocol))
		return drop(&visit, &visit.decisions->dropped_truncated);
	switch (protocol) {
	case bpf_htons(ETH_P_IP):
		return judge_ipv4(&visit, &cursor);
	case bpf_htons(ETH_P_IPV6):
		return judge_ipv6(&visit, &cursor);
	default:
		return pass(&visit, &visit.decisions->passed_not_ip);
	}
}
