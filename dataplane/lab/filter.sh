prepare() {
  host a
  host b
  tap a
  tap b
}

connect() {
  address a 10.0.1.2/24 10.0.1.66/24 fd00:1::2/64
  address b 10.0.2.2/24 fd00:2::2/64
  gateway a 10.0.1.1 fd00:1::1
  gateway b 10.0.2.1 fd00:2::1
  web a "hello from a"
  web b "hello from b"
}

describe() {
  cat <<'END'
This is host a, 10.0.1.2; host b is 10.0.2.2. An XDP program on each port passes new TCP connections to ports 80 and 5201
only, and nothing of 10.0.1.66; behind it, a may begin connections and b may not.
  curl http://10.0.2.2/                                   passes
  curl -m 2 http://10.0.2.2:81/                           is dropped by the program
  ping -c 2 -I 10.0.1.66 10.0.2.2                         is dropped by the program
  ip netns exec b curl http://10.0.1.2/                   is rejected by the filter
END
}
