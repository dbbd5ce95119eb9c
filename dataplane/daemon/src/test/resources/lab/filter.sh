. "$CHECKS/checks.sh"
await curl -s -m 1 http://10.0.2.2/
needs curl curl && {
  check 'an open port' 'hello from b' curl -s -m 2 http://10.0.2.2/
  check 'an open port over IPv6' 'hello from b' curl -s -m 2 'http://[fd00:2::2]/'
  check 'a port the program drops' 'timed out' curl -sS -m 1 http://10.0.2.2:81/
  check 'b begins no connection' '(refused|connect|unreachable)' b curl -sS -m 2 http://10.0.1.2/
}
needs ping ping && {
  check 'ICMP passes' ' 0% packet loss' ping -c 2 -i 0.05 -W 1 10.0.2.2
  check 'a source the program drops' ' 100% packet loss' ping -c 2 -i 0.05 -W 1 -I 10.0.1.66 10.0.2.2
}
needs iperf3 iperf3 && {
  b iperf3 -s -D >/dev/null
  await b sh -c 'ss -ltn | grep -q :5201'
  check 'a TCP stream through the program' enough stream 10.0.2.2
}
