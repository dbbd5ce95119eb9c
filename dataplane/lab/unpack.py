"""Takes IPv4 packets out of IPv4 packets (RFC 2003) where the kernel has no ipip: what comes in by a raw socket is given
to the host's stack by a tun interface."""

import fcntl
import os
import socket
import struct

TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TUN_NO_PI = 0x1001
IPPROTO_IPIP = 4

tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"ipip", IFF_TUN_NO_PI))
os.system("ip link set ipip up")
for name in "all", "ipip":
    with open(f"/proc/sys/net/ipv4/conf/{name}/rp_filter", "w") as file:
        file.write("0")
outer = socket.socket(socket.AF_INET, socket.SOCK_RAW, IPPROTO_IPIP)
while True:
    packet = outer.recv(65535)
    os.write(tun, packet[(packet[0] & 15) * 4 :])
