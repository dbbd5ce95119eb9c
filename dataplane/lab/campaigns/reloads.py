"""routes|workers COUNT [RATE]: finds the highest rate of small datagrams that goes through without loss, sends four fifths of it (or
RATE datagrams a second), and meanwhile has the file read again COUNT times: each time with another route, or with another number
of workers. The same load without any reload goes before it, to compare with.
"""

import os
import sys
import time

import load

MOST = min(4, os.cpu_count())  # workers: what the daemon takes for the most there may be, when its file does not say


def text(first, what, i):
    if what == "workers":
        return first + f"[workers]\ncount = {1 + (i * 7 + i // 3 + 1) % MOST}\n"
    return first + f'[[route]]\nto = "198.51.{i % 250}.0/24"\nvia = "{load.THERE}"\n'


def reloads(first, what, count):
    """The milliseconds each took, in order of length."""
    took = []
    for i in range(count):
        took.append(load.read_again(text(first, what, i)))
        time.sleep(0.05)
    return sorted(took)


def main():
    what, count, given = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    first = load.first_text()
    child = load.receiver()
    try:
        s = load.sender()
        if what == "workers":
            load.read_again(first + f"[workers]\ncount = {MOST}\n")  # whom the load is measured with
        best = given or load.highest(s)
        rate = given or best * 4 // 5
        seconds = max(2, count * 0.12)
        without = load.account(s, rate, seconds)
        made = []
        within = load.account(s, rate, seconds, lambda: made.extend(reloads(first, what, count)))
    finally:
        child.kill()
    of = "" if given else f", 80 % of {best:,} that go through without loss"
    print(f"{rate:,} datagrams of {load.SIZE} bytes a second{of}")
    print(f"without reloads: {load.sentence(*without)}")
    print(f"{count} reloads, {made[len(made) // 2]} ms each, {made[-1]} at the most: {load.sentence(*within)}")
    ours, theirs = [[load.lost(each[2], whose) for each in (without, within)] for whose in ("daemon", "kernel")]
    if within[3] or without[3] or ours[1] and not ours[0]:
        sys.exit("datagrams were lost by the daemon, or by nobody knows whom")
    if ours[0]:
        print("the daemon lost datagrams without any reload: the load is too much for this machine now", file=sys.stderr)
        sys.exit(load.SLOW)
    if theirs[1] > 2 * theirs[0]:
        print("while the file was read again, the daemon left more frames to the kernel's full queue than without", file=sys.stderr)
        sys.exit(load.SLOW)


main()
