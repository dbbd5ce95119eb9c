prepare() {
  host a
  host b
  tap a
  tap b
}

connect() {
  address a 10.0.1.2/24 fd00:1::2/64
  address b 10.0.2.2/24 fd00:2::2/64
  gateway a 10.0.1.1 fd00:1::1
  gateway b 10.0.2.1 fd00:2::1
  web b "hello from b"
  dns b 10.0.2.2 b.lab=10.0.2.2 b.lab=fd00:2::2 a.lab=10.0.1.2 a.lab=fd00:1::2
}

describe() {
  cat <<'END'
This is host a, 10.0.1.2 and fd00:1::2; xdp4j routes between here and host b, 10.0.2.2 and fd00:2::2.
  ping b.lab               curl http://b.lab/         traceroute b.lab
  tracepath -n 10.0.2.2    (the way to b takes 1,400 bytes)
  ip netns exec b tcpdump -n -i eth0 &
END
}
