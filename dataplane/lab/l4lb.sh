prepare() {
  host switch
  tap switch lb
  host a
  host b
  host c
}

# plug HOST MAC: a wire from a host to the switch.
plug() {
  ip -n switch link add name "to-$1" type veth peer name eth0 netns "$1" &&
    ip -n switch link set dev "to-$1" master bridge0 up &&
    ip -n "$1" link set dev eth0 address "$2" up
}

# server HOST ADDRESS: takes packets out of packets, and answers as 10.0.0.100 without saying by ARP that it has it.
server() {
  address "$1" "$2/24"
  on "$1" sh -c 'for file in all lo eth0; do echo 1 >/proc/sys/net/ipv4/conf/$file/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/$file/arp_announce; done'
  ip -n "$1" address add 10.0.0.100/32 dev lo
  if ip -n "$1" link add ipip type ipip local "$2" 2>/dev/null; then
    ip -n "$1" link set ipip up
    on "$1" sh -c 'echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/ipip/rp_filter'
  elif have python3; then
    on "$1" python3 "$here/unpack.py" 2>"$shm/unpack-$1" &
  else
    say "neither the kernel has ipip nor is there python3, so $1 cannot take packets out of packets"
  fi
  web "$1" "hello from $1"
}

connect() {
  ip -n switch link add name bridge0 type bridge &&
    ip -n switch link set dev bridge0 up &&
    ip -n switch link set dev lb master bridge0
  plug a 02:00:00:00:00:02
  plug b 02:00:00:00:00:11
  plug c 02:00:00:00:00:12
  address a 10.0.0.2/24
  server b 10.0.0.11
  server c 10.0.0.12
}

describe() {
  cat <<'END'
This is host a, 10.0.0.2. Connections to 10.0.0.100 port 80 go to xdp4j, which sends each to server b or c.
  for i in 1 2 3 4 5 6 7 8; do curl http://10.0.0.100/; done
  ip netns exec b tcpdump -n -i eth0 &
END
}
