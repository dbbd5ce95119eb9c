// The loop that taps are forwarded with, in C: frames from one tap to the other, both ways, on one core.
//
//   tap_forward read|uring plain|vnet TAP TAP CPU WARM SECONDS
//
// read: read(2) and write(2). uring: io_uring, registered buffers, reads and writes submitted together, 64 at a time.
// vnet: with virtio-net headers and segmentation offload, so that a frame may have 64 KiB.
// Prints "ready" when both taps are attached, and what it moved in the seconds after those it warms up in.
#include "process.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define DEPTH 64
#define HEADER 10

static long frames, bytes, refused;

static double cpu(void) { return seconds(CLOCK_PROCESS_CPUTIME_ID); }

static int tap(const char *name, int vnet) {
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (fd < 0) fail("/dev/net/tun");
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TAP | IFF_NO_PI | (vnet ? IFF_VNET_HDR : 0);
  if (ioctl(fd, TUNSETIFF, &request)) fail(name);
  int size = HEADER;
  if (vnet) {
    if (ioctl(fd, TUNSETVNETHDRSZ, &size)) fail("TUNSETVNETHDRSZ");
    if (ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)) fail("TUNSETOFFLOAD");
  }
  return fd;
}

static int copy(int from, int to, char *buffer, size_t size) {
  int count = 0;
  while (count < DEPTH) {
    ssize_t n = read(from, buffer, size);
    if (n < 0) break;
    if (write(to, buffer, n) == n) { frames++; bytes += n; } else refused++;
    count++;
  }
  return count;
}

static void wait_for(int *taps) {
  struct pollfd p[2] = {{taps[0], POLLIN, 0}, {taps[1], POLLIN, 0}};
  poll(p, 2, 100);
}

static double warm_until, begin, used;

// Whether to go on; what was done while warming up does not count.
static int go_on(double end) {
  double t = now();
  if (warm_until && t >= warm_until) {
    warm_until = 0;
    frames = bytes = refused = 0;
    begin = t;
    used = cpu();
  }
  return !stopped && t < end;
}

static void by_read(int *taps, size_t size, double end) {
  char *buffer = aligned_alloc(4096, (size + 4095) & ~4095UL);
  int idle = 0;
  while (go_on(end)) {
    int done = copy(taps[0], taps[1], buffer, size) + copy(taps[1], taps[0], buffer, size);
    if (done) idle = 0;
    else if (++idle > 100) wait_for(taps);
  }
}

// The ring, as in io_uring(7).
static unsigned *sq_tail, *sq_mask, *cq_head, *cq_tail, *cq_mask;
static struct io_uring_sqe *sqes;
static struct io_uring_cqe *cqes;
static int ring;

static void open_ring(char *buffers, size_t length) {
  struct io_uring_params p = {0};
  p.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN;
  ring = syscall(SYS_io_uring_setup, 4 * DEPTH, &p);
  if (ring < 0) fail("io_uring_setup");
  size_t size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
  size_t other = p.sq_off.array + p.sq_entries * sizeof(unsigned);
  char *m = mmap(0, size > other ? size : other, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, 0);
  sqes = mmap(0, p.sq_entries * sizeof(*sqes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  if (m == MAP_FAILED || (void *)sqes == MAP_FAILED) fail("mmap");
  sq_tail = (unsigned *)(m + p.sq_off.tail);
  sq_mask = (unsigned *)(m + p.sq_off.ring_mask);
  cq_head = (unsigned *)(m + p.cq_off.head);
  cq_tail = (unsigned *)(m + p.cq_off.tail);
  cq_mask = (unsigned *)(m + p.cq_off.ring_mask);
  cqes = (struct io_uring_cqe *)(m + p.cq_off.cqes);
  unsigned *array = (unsigned *)(m + p.sq_off.array);
  for (unsigned i = 0; i < p.sq_entries; i++) array[i] = i;
  struct iovec all = {buffers, length};
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &all, 1)) fail("IORING_REGISTER_BUFFERS");
}

static void put(int op, int fd, char *buffer, unsigned length, uint64_t tag) {
  unsigned tail = *sq_tail;
  struct io_uring_sqe *e = &sqes[tail & *sq_mask];
  memset(e, 0, sizeof *e);
  e->opcode = op;
  e->fd = fd;
  e->addr = (uint64_t)buffer;
  e->len = length;
  e->user_data = tag;
  e->rw_flags = RWF_NOWAIT; // else a read of an empty tap waits inside, O_NONBLOCK or not
  __atomic_store_n(sq_tail, tail + 1, __ATOMIC_RELEASE);
}

// One direction: so many reads wanted next, frames read, and their lengths.
struct way { int from, to, want, have; char *read, *write; int length[DEPTH]; };

static void by_uring(int *taps, size_t size, double end) {
  size = (size + 4095) & ~4095UL;
  size_t total = 4 * DEPTH * size;
  char *buffers = mmap(0, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  open_ring(buffers, total);
  struct way ways[2] = {
      {taps[0], taps[1], 1, 0, buffers, buffers + DEPTH * size, {0}},
      {taps[1], taps[0], 1, 0, buffers + 2 * DEPTH * size, buffers + 3 * DEPTH * size, {0}}};
  int idle = 0;
  while (go_on(end)) {
    int submit = 0, done = 0, got[2] = {0, 0};
    for (int w = 0; w < 2; w++) {
      struct way *y = &ways[w];
      for (int i = 0; i < y->have; i++) put(IORING_OP_WRITE_FIXED, y->to, y->write + i * size, y->length[i], 1000);
      for (int i = 0; i < y->want; i++) put(IORING_OP_READ_FIXED, y->from, y->read + i * size, size, w * DEPTH + i);
      submit += y->have + y->want;
    }
    if (syscall(SYS_io_uring_enter, ring, submit, submit, IORING_ENTER_GETEVENTS, 0, 0) < 0 && errno != EINTR) fail("io_uring_enter");
    unsigned head = *cq_head, tail = __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE);
    for (; head != tail; head++) {
      struct io_uring_cqe *c = &cqes[head & *cq_mask];
      if (c->user_data == 1000) {
        if (c->res > 0) { frames++; bytes += c->res; } else refused++;
      } else if (c->res > 0) {
        int w = c->user_data / DEPTH;
        ways[w].length[got[w]++] = c->res;
        done++;
      }
    }
    __atomic_store_n(cq_head, head, __ATOMIC_RELEASE);
    for (int w = 0; w < 2; w++) {
      struct way *y = &ways[w];
      char *kept = y->write;
      y->write = y->read;
      y->read = kept;
      y->have = got[w];
      y->want = got[w] == y->want ? (y->want < DEPTH ? 2 * y->want : DEPTH) : (got[w] ? got[w] : 1);
    }
    if (done) idle = 0;
    else if (++idle > 100) wait_for(taps);
  }
}

int main(int count, char **args) {
  if (count != 8) return 2;
  int vnet = !strcmp(args[2], "vnet");
  settle(args[5]);
  int taps[2] = {tap(args[3], vnet), tap(args[4], vnet)};
  size_t size = vnet ? HEADER + 65536 + 18 : 2048;
  puts("ready");
  fflush(stdout);
  warm_until = now() + atof(args[6]);
  double end = warm_until + atof(args[7]);
  if (!strcmp(args[1], "read")) by_read(taps, size, end);
  else by_uring(taps, size, end);
  double seconds = now() - begin;
  printf("frames %ld bytes %ld refused %ld seconds %.6f cpu %.6f\n", frames, bytes, refused, seconds, cpu() - used);
  return 0;
}
