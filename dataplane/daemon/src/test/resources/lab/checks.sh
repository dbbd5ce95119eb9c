# Words for checks in a lab, on host a: each prints a line that LabTest reads.

# check NAME PATTERN COMMAND...: ok when what the command prints has a line with the pattern.
check() {
  name=$1
  pattern=$2
  shift 2
  output=$("$@" 2>&1)
  status=$?
  if printf '%s\n' "$output" | grep -Eq -- "$pattern"; then
    echo "ok $name"
  else
    echo "not ok $name: $* ended with $status: $(printf '%s' "$output" | tr '\n' '|')"
  fi
}

# needs NAME TOOL: skips the check visibly when there is no such tool.
needs() {
  command -v "$2" >/dev/null 2>&1 && return 0
  echo "skip $1: there is no $2"
  return 1
}

b() {
  ip netns exec b "$@"
}

# until a server answers
await() {
  i=0
  until "$@" >/dev/null 2>&1 || [ $i -ge 50 ]; do
    i=$((i + 1))
    sleep 0.1
  done
}

# receives NAME BITS: a TCP stream for a second, of at least so many bits a second. The server takes one test at a time, and
# may be at the end of the one before.
stream() {
  for attempt in 1 2 3; do
    bits=$(iperf3 -J -t 1 -c "$@" | sed -n '/"sum_received"/,/}/s/.*"bits_per_second":[^0-9]*\([0-9]*\).*/\1/p')
    [ -n "$bits" ] && break
    sleep 0.5
  done
  echo "received ${bits:-0} bits a second in attempt $attempt"
  [ "${bits:-0}" -gt 10000000 ] && echo enough
}

# datagrams HOST...: some, as a JSON report of what was lost.
datagrams() {
  iperf3 -J -t 1 -u -b 2M -l 1000 -c "$@" | sed -n '/"sum"/,/}/p'
}

# bad_checksums HOST: segments and datagrams it refused for them.
bad_checksums() {
  ip netns exec "$1" cat /proc/net/snmp /proc/net/snmp6 |
    awk '$1 == "Tcp:" || $1 == "Udp:" { for (i = 2; i <= NF; i++) if (head[i] == "InCsumErrors" || head[i] == "InErrs") n += $i; for (i = 2; i <= NF; i++) head[i] = $i }
      $1 == "Udp6InCsumErrors" { n += $2 } END { print n + 0 }'
}
