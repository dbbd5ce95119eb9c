. "$CHECKS/checks.sh"
await curl -s -m 1 http://10.0.2.2/
needs ping ping && {
  check 'ping over IPv4, the first packet too' ' 0% packet loss' ping -c 3 -i 0.05 -W 1 10.0.2.2
  check 'ping over IPv6, the first packet too' ' 0% packet loss' ping -c 3 -i 0.05 -W 1 fd00:2::2
  check 'the router itself answers' ' 0% packet loss' ping -c 2 -i 0.05 -W 1 10.0.1.1
  check 'the router answers for its far side' ' 0% packet loss' ping -c 2 -i 0.05 -W 1 fd00:2::1
  check 'fragments over IPv4' ' 0% packet loss' ping -c 2 -i 0.05 -W 1 -M dont -s 6000 10.0.2.2
  check 'what is too long over IPv6 is told so' 'From fd00:1::1 .*Packet too big: mtu=1400' ping -c 1 -W 1 -s 6000 fd00:2::2
  check 'fragments over IPv6' ' 0% packet loss' ping -c 2 -i 0.05 -W 1 -s 6000 fd00:2::2
  check 'too long and not to be fragmented' '(Frag needed|too long).*mtu ?= ?1400' ping -c 1 -W 1 -M do -s 1450 10.0.2.2
  check 'a TTL that ends' 'From 10.0.1.1 .*Time to live exceeded' ping -c 1 -W 1 -t 1 10.0.2.2
  check 'no route' 'From 10.0.1.1 .*(Destination Net|Network) Unreachable' ping -c 1 -W 1 172.16.0.1
  check 'nobody there' 'Destination Host Unreachable' ping -c 1 -W 5 10.0.2.99
}
needs traceroute traceroute && {
  check 'traceroute over IPv4' '^ *2 +10.0.2.2 ' traceroute -n -q 1 -w 1 -m 4 10.0.2.2
  check 'traceroute over IPv6' '^ *2 +fd00:2::2 ' traceroute -6 -n -q 1 -w 1 -m 4 fd00:2::2
}
needs tracepath tracepath && {
  check 'path MTU over IPv4' 'Resume: pmtu 1400' tracepath -n -m 4 10.0.2.2
  check 'path MTU over IPv6' 'Resume: pmtu 1400' tracepath -n -m 4 fd00:2::2
}
needs curl curl && {
  check 'curl over IPv4' 'hello from b' curl -s -m 2 http://10.0.2.2/
  check 'curl over IPv6' 'hello from b' curl -s -m 2 'http://[fd00:2::2]/'
  check 'curl of a port that nobody listens to' '(refused|connect)' curl -sS -m 2 http://10.0.2.2:81/
}
needs dig dig && {
  check 'DNS over UDP' '^10.0.2.2$' dig +short +time=1 +tries=2 @10.0.2.2 b.lab A
  check 'DNS over TCP and IPv6' '^fd00:2::2$' dig +short +tcp +time=1 +tries=2 @fd00:2::2 b.lab AAAA
}
needs iperf3 iperf3 && {
  b iperf3 -s -D >/dev/null
  await b sh -c 'ss -ltn | grep -q :5201'
  check 'a TCP stream over IPv4' enough stream 10.0.2.2
  check 'a TCP stream over IPv6' enough stream fd00:2::2
  check 'a TCP stream the other way' enough stream 10.0.2.2 -R
}
