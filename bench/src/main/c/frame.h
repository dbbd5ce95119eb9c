// The frame that the senders of this folder send: UDP to port 9 of 10.0.2.1, its IPv4 header summed.
#include <arpa/inet.h>
#include <string.h>

static inline void udp(unsigned char *f, int length, unsigned source, int port) {
  memcpy(f, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0\x45\0", 16);
  *(unsigned short *)(f + 16) = htons(length - 14);
  f[22] = 64, f[23] = 17;
  *(unsigned *)(f + 26) = htonl(source);
  *(unsigned *)(f + 30) = htonl(0x0a000201);
  *(unsigned short *)(f + 34) = htons(port);
  *(unsigned short *)(f + 36) = htons(9);
  *(unsigned short *)(f + 38) = htons(length - 34);
  unsigned sum = 0;
  for (int k = 14; k < 34; k += 2) sum += f[k] << 8 | f[k + 1];
  sum = (sum & 0xffff) + (sum >> 16);
  *(unsigned short *)(f + 24) = htons(~(sum + (sum >> 16)));
}
