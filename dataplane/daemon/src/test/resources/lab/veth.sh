. "$CHECKS/checks.sh"
await curl -s -m 1 http://10.0.2.2/
# The hosts leave checksums to a device, and a has one cut its segments.
needs ping ping && check 'ping' ' 0% packet loss' ping -c 3 -i 0.05 -W 1 10.0.2.2
needs curl curl && {
  check 'curl over IPv4' 'hello from b' curl -s -m 5 http://10.0.2.2/
  check 'curl over IPv6' 'hello from b' curl -s -m 5 'http://[fd00:2::2]/'
}
needs iperf3 iperf3 && {
  b iperf3 -s -D >/dev/null
  await b sh -c 'ss -ltn | grep -q :5201'
  check 'a TCP stream to a narrower link' enough stream 10.0.2.2
  check 'a TCP stream the other way' enough stream 10.0.2.2 -R
  check 'a TCP stream over IPv6' enough stream fd00:2::2
  check 'datagrams' '"lost_percent":[^0-9]*0[,.]' datagrams 10.0.2.2
}
for at in a b; do
  check "no checksum was wrong at $at" "^0\$" bad_checksums $at
done
check 'what was presumed is counted' '"receivePartialChecksums": *[1-9]' xdp4j show ports --json
