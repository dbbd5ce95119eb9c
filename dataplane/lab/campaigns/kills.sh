# COUNT: kills the daemon with SIGKILL and starts it again; a packet gets through within two seconds. What a killed daemon
# leaves behind, its control socket above all, must not be in the way of the next.
count=$1
now() {
  echo $(($(date +%s%N) / 1000000))
}
# spread NAME: the median and the worst of a column of times.
spread() {
  sort -n "/dev/shm/$1" | awk '{ all[NR] = $1 } END { printf "%d ms, %d at the most", all[int((NR + 1) / 2)], all[NR] }'
}
: >/dev/shm/ready
: >/dev/shm/through
i=0
while [ "$i" -lt "$count" ]; do
  kill -9 "$LAB_DAEMON"
  wait "$LAB_DAEMON" 2>/dev/null
  [ -S "$XDP4J_SOCKET" ] || {
    echo "before restart $i there is no socket of the killed daemon"
    exit 1
  }
  began=$(now)
  : >/dev/shm/out
  nsenter --net=/proc/1/ns/net $XDP4J run --config "$LAB_CONFIG" >/dev/shm/out 2>>/dev/shm/again &
  LAB_DAEMON=$!
  until grep -q '^ready' /dev/shm/out; do
    sleep 0.01
    kill -0 "$LAB_DAEMON" 2>/dev/null || {
      echo "the daemon does not start again"
      cat /dev/shm/again
      exit 1
    }
  done
  echo $(($(now) - began)) >>/dev/shm/ready
  until ping -c 1 -W 0.1 10.0.2.2 >/dev/null 2>&1; do
    [ $(($(now) - began)) -lt 10000 ] || {
      echo "after restart $i nothing gets through"
      exit 1
    }
  done
  echo $(($(now) - began)) >>/dev/shm/through
  $XDP4J show ports >/dev/null || {
    echo "after restart $i the control socket does not answer"
    exit 1
  }
  i=$((i + 1))
done
echo "$count times killed: ready after $(spread ready); a packet is through after $(spread through)"
kill -TERM "$LAB_DAEMON"
wait "$LAB_DAEMON"
[ "$(sort -n /dev/shm/through | tail -n 1)" -le 2000 ] || exit 3
