// SPDX-License-Identifier: Apache-2.0
/*
 * Spreads the connections to a virtual address over real servers and sends each packet to its
 * server inside another IP packet (RFC 2003, RFC 2473), out of the port it came in on:
 *
 *   | Ethernet | IP to the VIP | TCP ... |   ->   | Ethernet | IP to the real | IP to the VIP | TCP ... |
 *
 * A connection keeps its server while the connection table remembers it; a new one gets it from its
 * VIP's ring, a Maglev hashing table (Eisenbud et al., NSDI 2016) filled by `filters/maglev`. The server
 * unpacks the packet and answers the client directly.
 */
#include "address.h"
#include "checksum.h"
#include "count.h"
#include "hash.h"
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

#define VIPS 256
#define REALS 1024
#define RING_SLOTS 262144
#define CONNECTIONS 65536

#define OUTER_TTL 64

struct service {
	struct address address;
	__be16 port;
	__u8 protocol;
	__u8 zero;
};

struct vip {
	/* Its part of the map `rings`; a prime number of slots, many times that of its servers. */
	__u32 ring_start;
	__u32 ring_slots;
	struct count hits;
};

struct real {
	struct address address;
	/* The MAC address of the server, or of the router on the way to it. */
	__u8 gateway[ETH_ALEN];
	__u16 zero;
};

struct connection {
	struct address client;
	struct address vip;
	__be16 client_port;
	__be16 vip_port;
	__u8 protocol;
	__u8 zero[3];
};

/* Where the outer packets come from. */
struct tunnel {
	__be32 source_v4;
	/* The longest outer packet that may be sent, 0 for any. */
	__u32 mtu;
	struct address source_v6;
};

struct decisions {
	struct count balanced_known_connection;
	struct count balanced_by_ring;
	struct count passed_no_vip;
	struct count passed_fragment;
	struct count passed_not_ip;
	struct count dropped_malformed;
	struct count dropped_no_real;
	struct count dropped_too_big;
	struct count dropped_no_room;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, VIPS);
	__type(key, struct service);
	__type(value, struct vip);
} vips SEC(".maps");

/* Slot to number of a real. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RING_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, REALS);
	__type(key, __u32);
	__type(value, struct real);
} reals SEC(".maps");

/* What went to each real. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, REALS);
	__type(key, __u32);
	__type(value, struct count);
} real_counts SEC(".maps");

/* Connection to number of its real. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CONNECTIONS);
	__type(key, struct connection);
	__type(value, __u32);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tunnel);
} tunnel SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct decisions);
} decisions SEC(".maps");

/* What is known of a packet once its headers are read. */
struct packet {
	struct connection connection;
	/* Of the IP packet, without the Ethernet header and padding. */
	__u16 length;
	__be16 type;
	/* Type of service or traffic class: the outer header shows the same. */
	__u8 class;
	bool first_of_connection;
};

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

/* Ports of TCP and UDP. A SYN begins a connection anew, whatever the table remembers. */
static __always_inline bool take_ports(struct cursor *cursor, struct packet *packet)
{
	struct tcphdr *tcp = cursor->at;
	struct udphdr *udp = cursor->at;

	packet->first_of_connection = false;
	if (packet->connection.protocol == IPPROTO_TCP) {
		if (!skip(cursor, sizeof(*tcp)))
			return false;
		packet->first_of_connection = tcp->syn && !tcp->ack;
	} else if (!skip(cursor, sizeof(*udp))) {
		return false;
	}
	packet->connection.client_port = udp->source;
	packet->connection.vip_port = udp->dest;
	return true;
}

static __always_inline struct vip *vip_of(struct connection *connection)
{
	struct service service = {
		.address = connection->vip,
		.port = connection->vip_port,
		.protocol = connection->protocol,
	};

	return bpf_map_lookup_elem(&vips, &service);
}

/* The same for every packet of a connection, here and on any other balancer with the same ring. */
static __always_inline __u32 hash_of(struct connection *connection)
{
	__u64 hash = hash_four(connection->protocol, words_of(&connection->client));

	hash = hash_four(hash, words_of(&connection->vip));
	hash = hash_word(hash, (__u32)connection->client_port << 16 | connection->vip_port);
	return hash_finish(hash);
}

/* The number of the real that a connection goes to, *decision saying how it was found; NULL: none. */
static __always_inline __u32 *choose(const struct visit *visit, struct packet *packet,
				     const struct vip *vip, struct count **decision)
{
	__u32 *number;
	__u32 slot;

	if (!packet->first_of_connection) {
		number = bpf_map_lookup_elem(&connections, &packet->connection);
		if (number) {
			*decision = &visit->decisions->balanced_known_connection;
			return number;
		}
	}
	*decision = &visit->decisions->balanced_by_ring;
	if (!vip->ring_slots)
		return NULL;
	slot = vip->ring_start + hash_of(&packet->connection) % vip->ring_slots;
	number = bpf_map_lookup_elem(&rings, &slot);
	if (number)
		bpf_map_update_elem(&connections, &packet->connection, number, BPF_ANY);
	return number;
}

/* A new Ethernet header with so many bytes of room behind it, NULL if there is none to be had. */
static __always_inline struct ethernet *make_room(struct xdp_md *ctx, const struct real *real,
						  __u32 room, __be16 type)
{
	struct ethernet *old = (void *)(long)ctx->data;
	struct ethernet *new;
	__u8 own[ETH_ALEN];

	if ((void *)(old + 1) > (void *)(long)ctx->data_end)
		return NULL;
	__builtin_memcpy(own, old->destination, ETH_ALEN);
	if (bpf_xdp_adjust_head(ctx, -(int)room))
		return NULL;
	new = (void *)(long)ctx->data;
	if ((void *)(new + 1) + room > (void *)(long)ctx->data_end)
		return NULL;
	__builtin_memcpy(new->destination, real->gateway, ETH_ALEN);
	__builtin_memcpy(new->source, own, ETH_ALEN);
	new->protocol = type;
	return new;
}

static __always_inline bool wrap_v4(struct xdp_md *ctx, const struct packet *packet,
				    struct real *real, const struct tunnel *from)
{
	struct ethernet *ethernet = make_room(ctx, real, sizeof(struct iphdr), bpf_htons(ETH_P_IP));
	struct iphdr *outer;

	if (!ethernet)
		return false;
	outer = (void *)(ethernet + 1);
	outer->version = 4;
	outer->ihl = 5;
	outer->tos = packet->class;
	outer->tot_len = bpf_htons(packet->length + sizeof(*outer));
	outer->id = 0;
	outer->frag_off = bpf_htons(0x4000); /* do not fragment */
	outer->ttl = OUTER_TTL;
	outer->protocol = packet->type == bpf_htons(ETH_P_IP) ? IPPROTO_IPIP : IPPROTO_IPV6;
	outer->check = 0;
	outer->saddr = from->source_v4;
	outer->daddr = words_of(&real->address)[3];
	outer->check = ~ipv4_sum(outer);
	return true;
}

static __always_inline bool wrap_v6(struct xdp_md *ctx, const struct packet *packet,
				    struct real *real, const struct tunnel *from)
{
	struct ethernet *ethernet = make_room(ctx, real, sizeof(struct ipv6hdr),
					      bpf_htons(ETH_P_IPV6));
	struct ipv6hdr *outer;

	if (!ethernet)
		return false;
	outer = (void *)(ethernet + 1);
	*(__be32 *)outer = bpf_htonl(6u << 28 | (__u32)packet->class << 20);
	outer->payload_len = bpf_htons(packet->length);
	outer->nexthdr = packet->type == bpf_htons(ETH_P_IP) ? IPPROTO_IPIP : IPPROTO_IPV6;
	outer->hop_limit = OUTER_TTL;
	*(struct address *)&outer->saddr = from->source_v6;
	*(struct address *)&outer->daddr = real->address;
	return true;
}

static __always_inline int send(struct xdp_md *ctx, const struct visit *visit,
				const struct packet *packet, __u32 number, struct count *decision)
{
	struct real *real = bpf_map_lookup_elem(&reals, &number);
	struct count *sent = bpf_map_lookup_elem(&real_counts, &number);
	struct tunnel *from;
	__u32 zero = 0;
	bool wrapped;

	from = bpf_map_lookup_elem(&tunnel, &zero);
	if (!real || !sent || !from)
		return drop(visit, &visit->decisions->dropped_no_real);
	if (is_ipv4(&real->address)) {
		if (from->mtu && packet->length + sizeof(struct iphdr) > from->mtu)
			return drop(visit, &visit->decisions->dropped_too_big);
		wrapped = wrap_v4(ctx, packet, real, from);
	} else {
		if (from->mtu && packet->length + sizeof(struct ipv6hdr) > from->mtu)
			return drop(visit, &visit->decisions->dropped_too_big);
		wrapped = wrap_v6(ctx, packet, real, from);
	}
	if (!wrapped)
		return drop(visit, &visit->decisions->dropped_no_room);
	add(sent, visit->bytes);
	add(decision, visit->bytes);
	return XDP_TX;
}

static __always_inline int balance(struct xdp_md *ctx, const struct visit *visit,
				   struct cursor *cursor, struct packet *packet,
				   const struct transport *transport)
{
	struct count *decision;
	__u32 *number;
	struct vip *vip;

	packet->connection.protocol = transport->protocol;
	if (packet->length > visit->bytes - sizeof(struct ethernet))
		return drop(visit, &visit->decisions->dropped_malformed);
	if (transport->protocol != IPPROTO_TCP && transport->protocol != IPPROTO_UDP)
		return pass(visit, &visit->decisions->passed_no_vip);
	/* Only a first fragment has ports; the stack may put the packet together. */
	if (transport->fragment)
		return pass(visit, &visit->decisions->passed_fragment);
	if (!take_ports(cursor, packet))
		return drop(visit, &visit->decisions->dropped_malformed);
	vip = vip_of(&packet->connection);
	if (!vip)
		return pass(visit, &visit->decisions->passed_no_vip);
	add_shared(&vip->hits, visit->bytes);
	number = choose(visit, packet, vip, &decision);
	if (!number)
		return drop(visit, &visit->decisions->dropped_no_real);
	return send(ctx, visit, packet, *number, decision);
}

static __always_inline int balance_v4(struct xdp_md *ctx, const struct visit *visit,
				      struct cursor *cursor, struct packet *packet)
{
	struct transport transport;
	struct iphdr *ip;

	if (!take_ipv4(cursor, &ip, &transport))
		return drop(visit, &visit->decisions->dropped_malformed);
	packet->length = bpf_ntohs(ip->tot_len);
	packet->class = ip->tos;
	set_ipv4(&packet->connection.client, ip->saddr);
	set_ipv4(&packet->connection.vip, ip->daddr);
	return balance(ctx, visit, cursor, packet, &transport);
}

static __always_inline int balance_v6(struct xdp_md *ctx, const struct visit *visit,
				      struct cursor *cursor, struct packet *packet)
{
	struct transport transport;
	struct ipv6hdr *ip;
	__u32 length;

	if (!take_ipv6(cursor, &ip, &transport))
		return drop(visit, &visit->decisions->dropped_malformed);
	length = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	/* The outer header's length field has to hold it. */
	if (length > 0xffff - sizeof(*ip))
		return drop(visit, &visit->decisions->dropped_malformed);
	packet->length = length;
	packet->class = ip->priority << 4 | ip->flow_lbl[0] >> 4;
	set_ipv6(&packet->connection.client, &ip->saddr);
	set_ipv6(&packet->connection.vip, &ip->daddr);
	return balance(ctx, visit, cursor, packet, &transport);
}

SEC("xdp")
int l4_balancer(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct visit visit = { .bytes = frame_length(ctx) };
	struct ethernet *ethernet = cursor.at;
	struct packet packet = {};
	__u32 zero = 0;

	visit.decisions = bpf_map_lookup_elem(&decisions, &zero);
	if (!visit.decisions)
		return XDP_ABORTED;
	if (!skip(&cursor, sizeof(*ethernet)))
		return drop(&visit, &visit.decisions->dropped_malformed);
	packet.type = ethernet->protocol;
	switch (packet.type) {
	case bpf_htons(ETH_P_IP):
		return balance_v4(ctx, &visit, &cursor, &packet);
	case bpf_htons(ETH_P_IPV6):
		return balance_v6(ctx, &visit, &cursor, &packet);
	default:
		return pass(&visit, &visit.decisions->passed_not_ip);
	}
}
