"""Sends frames on an interface and prints which listener reports come in on it.

usage: kernel_listener.py INTERFACE < requests
Each line of standard input is a number of seconds and a frame in hexadecimal, or - for none. For
each it prints one line: the IPv6 packets with a hop-by-hop header that came in within the time, as
hexadecimal words.
"""
import select
import socket
import sys
import time

ALL = 0x0003
OUTGOING = 4
IPV6 = b"\x86\xdd"


def main():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    s.bind((sys.argv[1], 0))
    s.setblocking(False)
    for line in sys.stdin:
        seconds, frame = line.split()
        end = time.monotonic() + float(seconds)
        if frame != "-":
            s.send(bytes.fromhex(frame))
        seen = []
        while time.monotonic() < end:
            ready, _, _ = select.select([s], [], [], max(end - time.monotonic(), 0))
            if ready:
                data, address = s.recvfrom(70000)
                if address[2] != OUTGOING and data[12:14] == IPV6 and data[20] == 0:
                    seen.append(data.hex())
        print(" ".join(seen), flush=True)


main()
