prepare() {
  host a
  host b
  tap a
  tap b
}

connect() {
  address a 10.0.1.2/24 fd00:1::2/64
  address b 10.0.1.3/24 fd00:1::3/64
  web b "hello from b"
}

describe() {
  cat <<'END'
This is host a, 10.0.1.2 and fd00:1::2. Host b, 10.0.1.3 and fd00:1::3, is on the same link, which is a bridge of xdp4j's;
xdp4j itself is there as 10.0.1.1.
  ping 10.0.1.3            curl http://10.0.1.3/      ip neigh
END
}
