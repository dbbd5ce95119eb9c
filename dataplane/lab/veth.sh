prepare() {
  host a
  host b
  veth a va
  veth b vb
}

connect() {
  address a 10.0.1.2/24 fd00:1::2/64
  address b 10.0.2.2/24 fd00:2::2/64
  gateway a 10.0.1.1 fd00:1::1
  gateway b 10.0.2.1 fd00:2::1
  web b "hello from b"
}

describe() {
  cat <<'END'
This is host a, 10.0.1.2 and fd00:1::2; xdp4j routes between here and host b, 10.0.2.2 and fd00:2::2.
  ping 10.0.2.2            curl http://10.0.2.2/      curl http://[fd00:2::2]/
  xdp4j show ports         ethtool -k eth0 | grep sum
END
}
