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

# receives NAME BITS: a TCP stream for a second, of at least so many bits a second.
stream() {
  bits=$(iperf3 -J -t 1 -c "$@" | sed -n '/"sum_received"/,/}/s/.*"bits_per_second":[^0-9]*\([0-9]*\).*/\1/p')
  echo "received ${bits:-0} bits a second"
  [ "${bits:-0}" -gt 10000000 ] && echo enough
}
