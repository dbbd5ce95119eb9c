# COUNT [RATE]: finds the rate of datagrams, in kbit/s, that goes through without loss, sends four fifths of it (or of RATE),
# and meanwhile has the file read again, each time with another route. No datagram may be lost.
count=$1
given=${2:-0}
ip netns exec b iperf3 -s -D >/dev/null
sleep 0.5

# lost RATE SECONDS: datagrams lost of those sent at so many kbit/s.
lost() {
  iperf3 -J -u -b "$1k" -l 200 -w 4M -t "$2" -c 10.0.2.2 >/dev/shm/iperf
  sed -n '/"sum":/,/}/p' /dev/shm/iperf | sed -n 's/.*"lost_packets":[^0-9]*\([0-9]*\).*/\1/p' | tail -n 1
}

# full: datagrams that reached b and found its receiver's buffer full, so far: lost by nobody on the way.
full() {
  ip netns exec b cat /proc/net/snmp | sed -n 's/^Udp: [0-9]* [0-9]* [0-9]* [0-9]* \([0-9]*\).*/\1/p'
}

rate=10000
best=$given
[ "$given" -gt 0 ] || lost 20000 3 >/dev/null # until it is compiled
while [ "$given" = 0 ] && [ "$rate" -le 1000000 ] && [ "$(lost $rate 1)" = 0 ]; do
  best=$rate
  rate=$((rate * 3 / 2))
done
load=$((best * 4 / 5))
[ "$best" -gt 0 ] || {
  echo "datagrams are lost at any rate, without any reload"
  exit 1
}
before=$(full)
(lost $load $((count / 10 + 3)) >/dev/shm/lost) &
sender=$!
sleep 1
cp "$LAB_CONFIG" /dev/shm/first.toml
i=0
while [ "$i" -lt "$count" ]; do
  {
    cat /dev/shm/first.toml
    printf '[[route]]\nto = "198.51.%d.0/24"\nvia = "10.0.2.2"\n' $((i % 250))
  } >/dev/shm/next.toml
  cat /dev/shm/next.toml >"$LAB_CONFIG"
  kill -HUP "$LAB_DAEMON"
  sleep 0.1
  i=$((i + 1))
done
wait $sender
done=$(grep -c 'reloaded in' "$LAB_LOG")
gone=$(($(cat /dev/shm/lost) - $(full) + before))
sent=$(sed -n '/"sum":/,/}/p' /dev/shm/iperf | sed -n 's/.*"packets":[^0-9]*\([0-9]*\).*/\1/p' | tail -n 1)
echo "$done reloads at $load of $best kbit/s of 200-byte datagrams: $gone of $sent lost"
[ "$done" -ge "$count" ] && [ "$gone" = 0 ]
