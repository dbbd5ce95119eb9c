# COUNT: takes b's link down and up under a stream of packets; the daemon goes on, and the link works at the end.
count=$1
b() {
  ip netns exec b "$@"
}
ping -q -i 0.002 10.0.2.2 >/dev/null 2>&1 &
load=$!
i=0
while [ "$i" -lt "$count" ]; do
  b ip link set eth0 down
  sleep 0.03
  b ip link set eth0 up
  # Linux forgets the routes of a link that goes down.
  b ip route replace default via 10.0.2.1
  sleep 0.03
  i=$((i + 1))
done
kill $load 2>/dev/null
wait $load 2>/dev/null
kill -0 "$LAB_DAEMON" || {
  echo "the daemon has ended"
  exit 1
}
sleep 1
ping -c 3 -i 0.1 -W 2 10.0.2.2 | grep -q ' 0% packet loss' || {
  echo "after $count link flaps the link does not work"
  exit 1
}
echo "$count link flaps: the link works, the daemon goes on"
