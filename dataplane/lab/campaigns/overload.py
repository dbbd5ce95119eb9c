"""SECONDS: makes each frame cost the daemon as much as a long program does, finds the highest rate of small datagrams that goes
through without loss, and sends twice and ten times as much for SECONDS each. Meanwhile the control socket is asked, again and
again, for what a command line and a monitoring system ask for. Every datagram that does not arrive has to have a name, and every
answer has to come within a second.
"""

import os
import shutil
import socket
import subprocess
import sys
import time

import load

PROGRAM = """
static long (*const bpf_loop)(unsigned int, void *, void *, unsigned long long) = (void *)181;
static long step(unsigned int i, void *sum) { *(unsigned long *)sum = *(unsigned long *)sum * 31 + i; return 0; }
__attribute__((section("xdp"), used)) int slowly(void *ctx)
{
	unsigned long sum = 1;
	bpf_loop(4000, step, &sum, 0);
	return sum == 0 ? 1 : 2; /* XDP_PASS */
}
char terms[] __attribute__((section("license"), used)) = "GPL";
"""
ASKED = ["/v1/figures", "/metrics", "/v1/drops", "/v1/fib"]


def slow(first):
    source, built = "/dev/shm/slow.bpf.c", "/dev/shm/slow.bpf.o"
    with open(source, "w") as file:
        file.write(PROGRAM)
    clang = next(filter(shutil.which, [f"clang{version}" for version in ["", *(f"-{n}" for n in range(22, 13, -1))]]), None)
    if clang is None:
        sys.exit("there is no clang here to build a program with (Debian: apt-get install clang)")
    subprocess.run([clang, "-O2", "-g", "-target", "bpf", "-mcpu=v3", "-c", source, "-o", built], check=True)
    load.read_again(first + f'[program.slow]\nobject = "{built}"\nports = ["a"]\n')


def ask(path):
    """How many seconds an answer takes."""
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.settimeout(30)
        s.connect(os.environ["XDP4J_SOCKET"])
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := s.recv(65536):
            answer += piece
    if not answer.startswith(b"HTTP/1.1 200 "):
        sys.exit(f"{path} was answered with {answer[:60]}")
    return time.monotonic() - began


def asking(seconds):
    took = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        took.append(ask(ASKED[len(took) % len(ASKED)]))
        time.sleep(0.02)
    return sorted(took)


def main():
    seconds = int(sys.argv[1])
    child = load.receiver()
    try:
        slow(load.first_text())
        s = load.sender()
        best = load.highest(s)
        print(f"{best:,} datagrams of {load.SIZE} bytes a second go through without loss")
        wrong = []
        for factor in (2, 10):
            took = []
            result = load.account(s, factor * best, seconds, lambda: took.extend(asking(seconds)))
            print(f"{factor} times as much, {result[0] / seconds:,.0f} a second: {load.sentence(*result)}")
            print(
                f"  control was asked {len(took)} times and answered in {took[len(took) // 2] * 1000:.0f} ms,"
                f" {took[-1] * 1000:.0f} at the most"
            )
            if result[3]:
                wrong.append("datagrams were lost by nobody knows whom")
            if took[-1] > 1:
                wrong.append("an answer took more than a second")
    finally:
        child.kill()
    if wrong:
        sys.exit("; ".join(wrong))


main()
