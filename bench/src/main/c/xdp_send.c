// Sends frames out of one end of a veth pair as fast as one core can: made in the kernel by BPF_PROG_TEST_RUN's live frames and
// redirected by a program, so that a frame costs a tenth of what a socket would take. What receives them at the far end
// without a program of its own needs that end's generic receive offload, which this turns on.
//
//   xdp_send INTERFACE FAR-END LENGTH CPU SECONDS
#include "process.h"
#include "frame.h"
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL (1 << 17)
#define BATCH 64

static int redirect(int ifindex) {
  struct bpf_insn code[] = {
      {.code = 0xb7, .dst_reg = 1, .imm = ifindex},
      {.code = 0xb7, .dst_reg = 2},
      {.code = 0x85, .imm = BPF_FUNC_redirect},
      {.code = 0x95}};
  union bpf_attr a = {.prog_type = BPF_PROG_TYPE_XDP, .insn_cnt = 4, .insns = (uint64_t)code, .license = (uint64_t)"Apache-2.0"};
  int program = syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof a);
  if (program < 0) fail("BPF_PROG_LOAD");
  return program;
}

static void receive_offload(const char *name) {
  struct ethtool_value on = {ETHTOOL_SGRO, 1};
  struct ifreq request = {.ifr_data = (void *)&on};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request)) fail(name);
  close(fd);
}

int main(int count, char **args) {
  if (count != 6) return 2;
  int ifindex = if_nametoindex(args[1]), length = atoi(args[3]);
  if (!ifindex) fail(args[1]);
  receive_offload(args[2]);
  settle(args[4]);
  unsigned char f[2048] = {0};
  udp(f, length, 0x0a000101, 0);
  union bpf_attr run = {0};
  run.test.prog_fd = redirect(ifindex);
  run.test.data_in = (uint64_t)f;
  run.test.data_size_in = length;
  run.test.repeat = CALL;
  run.test.batch_size = BATCH;
  run.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
  long sent = 0;
  double begin = now(), end = begin + atof(args[5]);
  while (!stopped && now() < end) {
    if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &run, sizeof run) && !stopped) fail("BPF_PROG_TEST_RUN");
    sent += CALL;
  }
  printf("sent %ld seconds %.6f\n", sent, now() - begin);
  return 0;
}
