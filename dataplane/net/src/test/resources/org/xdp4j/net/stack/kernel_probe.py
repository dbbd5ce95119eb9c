"""Sends frames into a namespace and prints what comes out of it.

usage: kernel_probe.py IN OUT < frames
Each line of standard input is a frame in hexadecimal. For each it prints one line: what was
seen within a short while on IN and OUT, as "in:HEX" or "out:HEX" words.
"""
import select
import socket
import sys
import time

ALL = 0x0003
OUTGOING = 4


def opened(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
    s.bind((name, 0))
    s.setblocking(False)
    return s


def main():
    ports = {"in": opened(sys.argv[1]), "out": opened(sys.argv[2])}
    for line in sys.stdin:
        ports["in"].send(bytes.fromhex(line.strip()))
        seen = []
        end = time.monotonic() + 0.03
        while True:
            left = end - time.monotonic()
            ready, _, _ = select.select(list(ports.values()), [], [], max(left, 0))
            if not ready and left <= 0:
                break
            for name, s in ports.items():
                if s in ready:
                    data, address = s.recvfrom(70000)
                    if address[2] != OUTGOING:
                        seen.append(name + ":" + data.hex())
        print(" ".join(seen), flush=True)


main()
