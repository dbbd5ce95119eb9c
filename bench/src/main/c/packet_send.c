// Sends frames out of an interface as fast as one core can: UDP from many flows, 64 a system call, past the queueing discipline.
//
//   packet_send INTERFACE LENGTH CPU SECONDS
#include "process.h"
#include "frame.h"
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#define BATCH 64

int main(int count, char **args) {
  if (count != 5) return 2;
  int length = atoi(args[2]);
  settle(args[3]);
  int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1;
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(args[1])};
  if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to)) { perror(args[1]); return 1; }
  setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes);
  int much = 64 << 20; // so that a full queue drops frames, rather than making us wait and be woken
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &much, sizeof much);
  static unsigned char data[BATCH][2048];
  static struct mmsghdr messages[BATCH];
  static struct iovec parts[BATCH];
  for (int i = 0; i < BATCH; i++) {
    udp(data[i], length, 0x0a000100 + i, 1024 + i);
    parts[i] = (struct iovec){data[i], length};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  long sent = 0;
  double begin = now(), end = begin + atof(args[4]);
  while (!stopped && now() < end) {
    int n = sendmmsg(fd, messages, BATCH, MSG_DONTWAIT);
    if (n > 0) sent += n;
  }
  printf("sent %ld seconds %.6f\n", sent, now() - begin);
  return 0;
}
