. "$CHECKS/checks.sh"
await curl -s -m 1 http://10.0.1.3/
needs ping ping && {
  check 'ping over IPv4' ' 0% packet loss' ping -c 3 -i 0.05 -W 1 10.0.1.3
  check 'ping over IPv6' ' 0% packet loss' ping -c 3 -i 0.05 -W 1 fd00:1::3
  check 'the daemon is on the bridge' ' 0% packet loss' ping -c 2 -i 0.05 -W 1 10.0.1.1
  check 'the daemon is on the bridge, IPv6' ' 0% packet loss' ping -c 2 -i 0.05 -W 1 fd00:1::1
  check 'full size' ' 0% packet loss' ping -c 2 -i 0.05 -W 1 -M do -s 1472 10.0.1.3
}
check 'hardware addresses go through unchanged' "10.0.1.3 .*$(ip -n b link show dev eth0 | sed -n 's/.*ether \([^ ]*\).*/\1/p')" ip neighbor
needs curl curl && check 'curl' 'hello from b' curl -s -m 2 http://10.0.1.3/
needs iperf3 iperf3 && {
  b iperf3 -s -D >/dev/null
  await b sh -c 'ss -ltn | grep -q :5201'
  check 'a TCP stream' enough stream 10.0.1.3
}
