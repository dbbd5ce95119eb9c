// What comes in through an interface, received and dropped, or sent back with its addresses exchanged, on one core.
//
//   veth_loop xdp|ring|pcap receive|swap INTERFACE CPU WARM SECONDS
//
// xdp: AF_XDP, copy mode, one socket. ring: TPACKET_V3 (receive only). pcap: libpcap, when built with -DPCAP (receive only).
// Prints "ready" when it can receive, and what came in the seconds after those it warms up in.
#include "process.h"
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef PCAP
#if !__has_include(<pcap/pcap.h>)
#error "not installed: libpcap's headers"
#endif
#define bpf_insn pcap_insn // libpcap's is that of the old BPF
#include <pcap/pcap.h>
#undef bpf_insn
#endif

#define RING 2048
#define CHUNK 4096
#define FRAMES (2 * RING)
#define BATCH 64

static long frames, sum;
static double warm_until, begin;

static int go_on(double end) {
  double t = now();
  if (warm_until && t >= warm_until) {
    warm_until = 0;
    frames = 0;
    begin = t;
  }
  return !stopped && t < end;
}

static void swap(unsigned char *frame) {
  unsigned char kept[6];
  memcpy(kept, frame, 6);
  memcpy(frame, frame + 6, 6);
  memcpy(frame + 6, kept, 6);
}

static long bpf(int command, union bpf_attr *attr) { return syscall(SYS_bpf, command, attr, sizeof *attr); }

static void redirect(int socket, int ifindex) {
  union bpf_attr a = {.map_type = BPF_MAP_TYPE_XSKMAP, .key_size = 4, .value_size = 4, .max_entries = 1};
  int map = bpf(BPF_MAP_CREATE, &a), key = 0;
  if (map < 0) fail("BPF_MAP_CREATE");
  memset(&a, 0, sizeof a);
  a.map_fd = map, a.key = (uint64_t)&key, a.value = (uint64_t)&socket;
  if (bpf(BPF_MAP_UPDATE_ELEM, &a)) fail("BPF_MAP_UPDATE_ELEM");
  struct bpf_insn code[] = {
      {.code = 0x61, .dst_reg = 2, .src_reg = 1, .off = 16},
      {.code = 0x18, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map}, {0},
      {.code = 0xb7, .dst_reg = 3, .imm = XDP_PASS},
      {.code = 0x85, .imm = BPF_FUNC_redirect_map},
      {.code = 0x95}};
  memset(&a, 0, sizeof a);
  a.prog_type = BPF_PROG_TYPE_XDP, a.insn_cnt = 6, a.insns = (uint64_t)code, a.license = (uint64_t)"Apache-2.0";
  int program = bpf(BPF_PROG_LOAD, &a);
  if (program < 0) fail("BPF_PROG_LOAD");
  memset(&a, 0, sizeof a);
  a.link_create.prog_fd = program, a.link_create.target_ifindex = ifindex, a.link_create.attach_type = BPF_XDP;
  if (bpf(BPF_LINK_CREATE, &a) < 0) fail("BPF_LINK_CREATE");
}

struct ring { unsigned *producer, *consumer; void *entries; };

static struct ring map(int fd, struct xdp_ring_offset *o, long page, size_t entry) {
  char *m = mmap(0, o->desc + RING * entry, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, page);
  if (m == MAP_FAILED) fail("mmap");
  return (struct ring){(unsigned *)(m + o->producer), (unsigned *)(m + o->consumer), m + o->desc};
}

#define GET(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define SET(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

static void by_xdp(int ifindex, int send_back, double end) {
  int fd = socket(AF_XDP, SOCK_RAW, 0), size = RING;
  char *memory = mmap(0, FRAMES * CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  struct xdp_umem_reg reg = {.addr = (uint64_t)memory, .len = FRAMES * CHUNK, .chunk_size = CHUNK};
  if (fd < 0 || setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof reg)) fail("XDP_UMEM_REG");
  for (int option = XDP_RX_RING; option <= XDP_UMEM_COMPLETION_RING; option++)
    if (option != XDP_UMEM_REG && setsockopt(fd, SOL_XDP, option, &size, sizeof size)) fail("XDP rings");
  struct xdp_mmap_offsets o;
  socklen_t length = sizeof o;
  if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &o, &length)) fail("XDP_MMAP_OFFSETS");
  struct ring rx = map(fd, &o.rx, XDP_PGOFF_RX_RING, sizeof(struct xdp_desc)), tx = map(fd, &o.tx, XDP_PGOFF_TX_RING, sizeof(struct xdp_desc));
  struct ring fill = map(fd, &o.fr, XDP_UMEM_PGOFF_FILL_RING, 8), done = map(fd, &o.cr, XDP_UMEM_PGOFF_COMPLETION_RING, 8);
  struct sockaddr_xdp to = {.sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY, .sxdp_ifindex = ifindex};
  if (bind(fd, (struct sockaddr *)&to, sizeof to)) fail("bind");
  redirect(fd, ifindex);
  for (unsigned i = 0; i < RING; i++) ((uint64_t *)fill.entries)[i] = (uint64_t)i * CHUNK;
  SET(fill.producer, RING);
  puts("ready");
  fflush(stdout);
  while (go_on(end)) {
    unsigned c = *rx.consumer, n = GET(rx.producer) - c, f = *fill.producer, t = *tx.producer;
    if (n > BATCH) n = BATCH;
    if (send_back && n > RING - (t - GET(tx.consumer))) n = RING - (t - GET(tx.consumer));
    for (unsigned i = 0; i < n; i++) {
      struct xdp_desc *d = &((struct xdp_desc *)rx.entries)[(c + i) & (RING - 1)];
      unsigned char *frame = (unsigned char *)memory + d->addr;
      sum += frame[12];
      if (send_back) {
        swap(frame);
        ((struct xdp_desc *)tx.entries)[(t + i) & (RING - 1)] = *d;
      } else {
        ((uint64_t *)fill.entries)[(f + i) & (RING - 1)] = d->addr & ~(uint64_t)(CHUNK - 1);
        frames++;
      }
    }
    SET(rx.consumer, c + n);
    if (!send_back) {
      SET(fill.producer, f + n);
      continue;
    }
    SET(tx.producer, t + n);
    for (int calls = 0; calls < 4 && t + n != GET(tx.consumer); calls++) sendto(fd, 0, 0, MSG_DONTWAIT, 0, 0);
    unsigned k = *done.consumer, m = GET(done.producer) - k;
    for (unsigned i = 0; i < m; i++) ((uint64_t *)fill.entries)[(f + i) & (RING - 1)] = ((uint64_t *)done.entries)[(k + i) & (RING - 1)] & ~(uint64_t)(CHUNK - 1);
    frames += m;
    SET(done.consumer, k + m);
    SET(fill.producer, f + m);
  }
}

static void by_ring(int ifindex, double end) {
  enum { BLOCK = 1 << 20, BLOCKS = 16 };
  int fd = socket(AF_PACKET, SOCK_RAW, 0), version = TPACKET_V3;
  struct tpacket_req3 r = {BLOCK, BLOCKS, 2048, BLOCK / 2048 * BLOCKS, 1, 0, 0};
  if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version)) fail("PACKET_VERSION");
  if (setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &r, sizeof r)) fail("PACKET_RX_RING");
  char *memory = mmap(0, (size_t)BLOCK * BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = ifindex};
  if (memory == MAP_FAILED || bind(fd, (struct sockaddr *)&to, sizeof to)) fail("bind");
  puts("ready");
  fflush(stdout);
  for (int b = 0; go_on(end);) {
    struct tpacket_block_desc *block = (void *)(memory + (size_t)b * BLOCK);
    if (!(GET(&block->hdr.bh1.block_status) & TP_STATUS_USER)) continue;
    char *at = (char *)block + block->hdr.bh1.offset_to_first_pkt;
    for (unsigned i = 0; i < block->hdr.bh1.num_pkts; i++) {
      struct tpacket3_hdr *h = (void *)at;
      sum += at[h->tp_mac + 12];
      at += h->tp_next_offset;
    }
    frames += block->hdr.bh1.num_pkts;
    SET(&block->hdr.bh1.block_status, TP_STATUS_KERNEL);
    b = (b + 1) % BLOCKS;
  }
}

#ifdef PCAP
static void each(unsigned char *user, const struct pcap_pkthdr *header, const unsigned char *frame) {
  (void)user, (void)header;
  sum += frame[12];
  frames++;
}

static void by_pcap(const char *name, double end) {
  char problem[PCAP_ERRBUF_SIZE];
  pcap_t *p = pcap_create(name, problem);
  if (!p || pcap_set_snaplen(p, 65535) || pcap_set_buffer_size(p, 16 << 20) || pcap_set_timeout(p, 1) || pcap_activate(p) < 0) fail("pcap");
  pcap_setnonblock(p, 1, problem);
  puts("ready");
  fflush(stdout);
  while (go_on(end)) pcap_dispatch(p, -1, each, 0);
}
#endif

int main(int count, char **args) {
  if (count != 7) return 2;
  settle(args[4]);
  int ifindex = if_nametoindex(args[3]);
  if (!ifindex) fail(args[3]);
  warm_until = now() + atof(args[5]);
  double end = warm_until + atof(args[6]);
  if (!strcmp(args[1], "xdp")) by_xdp(ifindex, !strcmp(args[2], "swap"), end);
  else if (!strcmp(args[1], "ring")) by_ring(ifindex, end);
#ifdef PCAP
  else by_pcap(args[3], end);
#else
  else { fputs("built without libpcap\n", stderr); return 3; }
#endif
  printf("frames %ld seconds %.6f\n", frames, now() - begin);
  return sum == -1;
}
