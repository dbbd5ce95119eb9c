. "$CHECKS/checks.sh"
await curl -s -m 1 http://192.0.2.2/
await b curl -s -m 1 http://192.0.2.1:8080/
needs curl curl && {
  check 'from inside out' 'hello from outside' curl -s -m 2 http://192.0.2.2/
  check 'from outside in, by a port forward' 'hello from inside' b curl -s -m 2 http://192.0.2.1:8080/
  check 'the outside address has nothing else' '(refused|connect)' b curl -sS -m 2 http://192.0.2.1:81/
}
needs ping ping && {
  check 'ping from inside' ' 0% packet loss' ping -c 3 -i 0.05 -W 1 192.0.2.2
  check 'ping of the outside address' ' 0% packet loss' b ping -c 2 -i 0.05 -W 1 192.0.2.1
  check 'fragments' ' 0% packet loss' ping -c 2 -i 0.05 -W 1 -M dont -s 4000 192.0.2.2
}
needs traceroute traceroute && check 'traceroute, its errors translated back' '^ *2 +192.0.2.2 ' traceroute -n -q 1 -w 1 -m 4 192.0.2.2
needs tcpdump tcpdump && {
  b timeout 3 tcpdump -n -l -i eth0 -c 1 icmp >/dev/shm/seen 2>/dev/null &
  sleep 1
  ping -c 2 -i 0.2 -W 1 192.0.2.2 >/dev/null 2>&1
  wait $!
  check 'outside sees the outside address only' 'IP 192.0.2.1 > 192.0.2.2' cat /dev/shm/seen
}
needs iperf3 iperf3 && {
  b iperf3 -s -D >/dev/null
  await b sh -c 'ss -ltn | grep -q :5201'
  check 'a TCP stream' enough stream 192.0.2.2
}
