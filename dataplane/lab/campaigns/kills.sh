# COUNT: kills the daemon with SIGKILL and starts it again; a packet gets through within two seconds.
count=$1
now() {
  echo $(($(date +%s%N) / 1000000))
}
slowest=0
i=0
while [ "$i" -lt "$count" ]; do
  kill -9 "$LAB_DAEMON"
  began=$(now)
  : >/dev/shm/out
  nsenter --net=/proc/1/ns/net $XDP4J run --config "$LAB_CONFIG" >/dev/shm/out 2>>/dev/shm/again &
  LAB_DAEMON=$!
  until grep -q '^ready' /dev/shm/out; do
    sleep 0.02
    kill -0 "$LAB_DAEMON" 2>/dev/null || {
      echo "the daemon does not start again"
      cat /dev/shm/again
      exit 1
    }
  done
  until ping -c 1 -W 1 10.0.2.2 >/dev/null 2>&1; do
    [ $(($(now) - began)) -lt 10000 ] || {
      echo "after restart $i nothing gets through"
      exit 1
    }
  done
  took=$(($(now) - began))
  [ $took -le $slowest ] || slowest=$took
  i=$((i + 1))
done
echo "$count times killed: a packet is through after $slowest ms at the most"
kill -TERM "$LAB_DAEMON"
wait "$LAB_DAEMON"
[ $slowest -le 2000 ]
