prepare() {
  host a
  host b
  tap a
  tap b
}

connect() {
  address a 10.0.1.2/24
  address b 192.0.2.2/24
  gateway a 10.0.1.1
  web a "hello from inside"
  web b "hello from outside"
}

describe() {
  cat <<'END'
This is host a, 10.0.1.2, inside; host b, 192.0.2.2, is outside and sees 192.0.2.1 only, which is xdp4j.
  curl http://192.0.2.2/                                  from inside out
  ip netns exec b curl http://192.0.2.1:8080/             from outside in, by a port forward
  ip netns exec b tcpdump -n -i eth0 &
END
}
