"""Sends datagrams from host a to host b, and accounts for every one.

Those that were sent are those that arrived, those that the daemon dropped, by reason, and those that the kernel dropped on either
side of it, by its own counters. The arrived ones are counted by the kernel as well: the receiver's socket has a filter that takes
none, so that no program has to keep up with them. Counters are read when all has come to rest, and host a says nothing else
meanwhile: what else it said would be in the counters of its device.

AT_ONCE datagrams go down to the device in one piece (an skb with that many segments), which some counters count as one:

  a's socket, IP              a piece: 1
  queueing discipline         a piece: dropped 1, sent AT_ONCE
  the device cuts it apart    a piece that there is no memory for: dropped 1, in the device's tx drops
  a's tap                     a datagram: 1, in the device's tx or tx drops
"""

import ctypes
import json
import mmap
import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time

HERE, GATEWAY, THERE, PORT, SIZE = "10.0.1.2", "10.0.1.1", "10.0.2.2", 9999, 200
SLOW = 3  # the exit status when the machine, not the daemon, may be what falls short
AT_ONCE = 16  # datagrams of one system call: the kernel cuts them (UDP_SEGMENT)
UDP_SEGMENT, SO_ATTACH_FILTER, SIOCETHTOOL, ETHTOOL_STXCSUM = 103, 26, 0x8946, 0x17
LOWEST, HIGHEST, TRIAL = 5_000, 5_000_000, 0.7
XDP4J = shlex.split(os.environ["XDP4J"])


def in_b(*command):
    return subprocess.run(["ip", "netns", "exec", "b", *command], capture_output=True, text=True, check=True).stdout


def show(what):
    shown = subprocess.run([*XDP4J, "show", what, "--json"], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in shown.splitlines()]


def device(text):
    """The line of eth0 in /proc/net/dev: frames and drops, received and sent."""
    numbers = [int(n) for n in re.search(r"eth0:(.*)", text).group(1).split()]
    return {"rx": numbers[1], "rx drops": numbers[3], "tx": numbers[9], "tx drops": numbers[11]}


def statistics(text):
    """/proc/net/snmp: by protocol and name."""
    found = {}
    lines = [line.split() for line in text.splitlines()]
    for names, values in zip(lines[::2], lines[1::2]):
        found[names[0].rstrip(":")] = dict(zip(names[1:], map(int, values[1:])))
    return found


def queueing():
    """What a's queueing disciplines took in pieces and sent in datagrams, those of a device's queues summed up."""
    shown = subprocess.run(["tc", "-s", "qdisc", "show", "dev", "eth0"], capture_output=True, text=True).stdout
    found = {"sent": 0, "dropped": 0, "waiting": 0}
    pattern = r"^qdisc (?!mq )[^\n]*\n[^\n]* (\d+) pkt \(dropped (\d+),[^\n]*\n backlog \S+ (\d+)p"
    for each in re.findall(pattern, shown, re.M):
        for name, number in zip(found, each):
            found[name] += int(number)
    return found


def devices():
    with open("/proc/net/dev") as file:
        return device(file.read()), device(in_b("cat", "/proc/net/dev"))


def settle():
    """Waits until nothing moves any more: what is on its way is in no counter."""
    deadline = time.monotonic() + 20
    before = None
    while time.monotonic() < deadline:
        time.sleep(0.2)
        now = devices()
        if now == before and queueing()["waiting"] == 0:
            return
        before = now
    sys.exit("datagrams, or others, are still on their way after 20 s")


def counts():
    """What the kernel and the daemon counted so far, as they count it."""
    a, b = devices()
    queue = queueing()
    with open("/proc/net/snmp") as file:
        own = statistics(file.read())
    other = statistics(in_b("cat", "/proc/net/snmp"))
    found = {
        "arrived": other["Udp"]["InErrors"] - other["Udp"]["RcvbufErrors"] - other["Udp"]["InCsumErrors"],
        "a's IP": own["Ip"]["OutDiscards"] + own["Ip"]["OutNoRoutes"],
        "a's queue dropped": queue["dropped"],
        "a's queue sent": queue["sent"],
        "a's device sent": a["tx"],
        "a's device dropped": a["tx drops"],
        "kernel: b's tap": b["rx drops"],
        "kernel: b's IP": sum(other["Ip"][n] for n in ["InHdrErrors", "InAddrErrors", "InUnknownProtos", "InDiscards"]),
        "kernel: b's receive buffer": other["Udp"]["RcvbufErrors"],
        "kernel: b's checksums": other["Udp"]["InCsumErrors"],
    }
    # What a quiet network says to groups is not ours.
    for drop in show("drops"):
        if drop.get("reason", "multicast") != "multicast":
            found["daemon: " + drop["reason"]] = drop["frames"]
    for port in show("ports"):
        if port.get("port") == "a":
            found["daemon: reading from a failed"] = port["receiveErrors"]
    return found


def ends(before, after):
    """Where datagrams ended between two moments of rest, each in exactly one place."""
    grown = {name: count - before.get(name, 0) for name, count in after.items()}
    queue_dropped, queue_sent = grown.pop("a's queue dropped"), grown.pop("a's queue sent")
    sent, dropped = grown.pop("a's device sent"), grown.pop("a's device dropped")
    # Each piece that could not be cut apart went in as AT_ONCE and is there as one.
    uncut, rest = divmod(queue_sent - sent - dropped, AT_ONCE - 1)
    if rest or not 0 <= uncut <= dropped:
        uncut = 0  # something else: it stays without a name
    found = {
        "arrived": grown.pop("arrived"),
        "kernel: a's IP": AT_ONCE * grown.pop("a's IP"),
        "kernel: a's queueing discipline": AT_ONCE * queue_dropped,
        "kernel: a's device, without memory to cut them apart": AT_ONCE * uncut,
        "kernel: a's tap, whose queue was full": dropped - uncut,
        **grown,
    }
    return {name: count for name, count in found.items() if count}


def receiver():
    """A child in b's namespace, whose socket refuses whatever comes."""
    code = f"""
import ctypes, socket, struct, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
none = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))  # BPF_RET | BPF_K, 0
s.setsockopt(socket.SOL_SOCKET, {SO_ATTACH_FILTER}, struct.pack("HL", 1, ctypes.addressof(none)))
s.bind(("{THERE}", {PORT}))
print("ready", flush=True)
while True:
    time.sleep(60)
"""
    child = subprocess.Popen(["ip", "netns", "exec", "b", sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child.stdout.readline()
    return child


def hush():
    """Has host a say nothing but what is sent on purpose: it asks for no neighbour, answers none, and speaks no IPv6."""
    deadline = time.monotonic() + 10
    while not (known := neighbor()):
        if time.monotonic() > deadline:
            sys.exit("the daemon does not say where it is")
        time.sleep(0.1)
    permanent = ["ip", "neigh", "replace", GATEWAY, "lladdr", known, "dev", "eth0", "nud", "permanent"]
    subprocess.run(permanent, check=True)
    for key, value in ("ipv6/conf/eth0/disable_ipv6", "1"), ("ipv4/conf/eth0/arp_ignore", "8"):
        with open(f"/proc/sys/net/{key}", "w") as file:
            file.write(value)


def neighbor():
    """The gateway's hardware address, as far as it is known."""
    shown = subprocess.run(["ip", "neigh", "show", GATEWAY], capture_output=True, text=True).stdout
    found = re.search(r"lladdr (\S+)", shown)
    return found and found.group(1)


def sender():
    """Sends AT_ONCE datagrams with a call. The tap would take them in one piece, so it is told that it sums nothing up."""
    import fcntl

    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    value = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_STXCSUM, 0))
    fcntl.ioctl(s, SIOCETHTOOL, struct.pack("16sP16x", b"eth0", ctypes.addressof(value)))
    s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SIZE)
    s.bind((HERE, 0))
    s.connect((THERE, PORT))
    s.send(bytes(SIZE))  # neighbours are found
    hush()
    time.sleep(1)
    return s


def send(s, rate, seconds, enough):
    """Sends so many datagrams a second, evenly, for so long and until it is enough; returns how many it were."""
    payload = bytes(SIZE * AT_ONCE)
    sent, start = 0, time.monotonic()
    end = time.monotonic() + seconds
    while (now := time.monotonic()) < end or not enough[0]:
        due = int((now - start) * rate) - sent
        if due > 4 * rate / 1000 + AT_ONCE:
            # It did not get the processor for a while: what was due then would be a burst, and is left out.
            start = now - (sent + AT_ONCE) / rate
            due = AT_ONCE
        for _ in range(due // AT_ONCE):
            s.send(payload)
            sent += AT_ONCE
        time.sleep(0.0002)
    return sent


def account(s, rate, seconds, meanwhile=lambda: None):
    """Sends, until what is to be done meanwhile is done as well, and says where all of it went: sent, arrived, drops by name, what nobody knows of."""
    before = counts()
    enough = mmap.mmap(-1, 1)  # which both processes see
    child = os.fork()
    if child == 0:
        code = 1
        try:
            total = send(s, rate, seconds, enough)
            with open("/dev/shm/sent", "w") as file:
                file.write(str(total))
            code = 0
        finally:
            os._exit(code)
    try:
        meanwhile()
    finally:
        enough[0] = 1
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("the sender failed")
    settle()
    with open("/dev/shm/sent") as file:
        sent = int(file.read())
    gone = ends(before, counts())
    arrived = gone.pop("arrived", 0)
    return sent, arrived, gone, sent - arrived - sum(gone.values())


def sentence(sent, arrived, gone, unknown):
    parts = [f"{count:,} {name}" for name, count in gone.items()]
    lost = " + ".join([f"{arrived:,} arrived", *parts])
    return f"{sent:,} sent = {lost}" + (f", and {unknown:,} that nobody knows of" if unknown else "")


def highest(s):
    """The highest rate without loss: up until one fails twice, down until one holds for longer."""
    account(s, 2 * LOWEST, 3)  # until it is compiled
    account(s, 20 * LOWEST, 3)
    best, rate = 0, LOWEST
    while rate <= HIGHEST:
        result = account(s, rate, TRIAL)
        if result[0] != result[1]:
            result = account(s, rate, TRIAL)
        if result[0] != result[1] or result[0] < 0.9 * rate * TRIAL:
            break
        best, rate = rate, int(rate * 1.3)
    while best >= LOWEST:
        result = account(s, best, 4 * TRIAL)
        if result[0] == result[1]:
            return best
        best = int(best * 0.9)
    sys.exit("datagrams are lost at any rate, without any reload: " + sentence(*result))


def lost(gone, whose):
    return sum(n for name, n in gone.items() if name.startswith(whose))


def read_again(text):
    """Has the daemon read its file again, with this text in it, and waits until it has; the milliseconds it took by its own count."""
    config, log, daemon = os.environ["LAB_CONFIG"], os.environ["LAB_LOG"], int(os.environ["LAB_DAEMON"])

    def done():
        with open(log) as file:
            return [int(n) for n in re.findall(r"reloaded in (\d+) ms", file.read())]

    already = len(done())
    with open(config + ".next", "w") as file:
        file.write(text)
    os.replace(config + ".next", config)
    os.kill(daemon, signal.SIGHUP)
    deadline = time.monotonic() + 10
    while len(done()) == already:
        if time.monotonic() > deadline:
            sys.exit("the file was not read again within 10 s")
        time.sleep(0.01)
    return done()[-1]


def first_text():
    with open(os.environ["LAB_CONFIG"]) as file:
        return file.read()
