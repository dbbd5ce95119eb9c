. "$CHECKS/checks.sh"
await curl -s -m 1 http://10.0.0.100/
many() {
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    curl -sS -m 2 http://10.0.0.100/
  done | sort | uniq -c
}
needs curl curl && {
  check 'connections reach b' '[0-9]+ hello from b' many
  check 'connections reach c' '[0-9]+ hello from c' many
  check 'every connection is answered' '^16$' sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do curl -sS -m 2 http://10.0.0.100/; done | grep -c hello'
}
needs ping ping && check 'the balancer itself answers' ' 0% packet loss' ping -c 2 -i 0.05 -W 1 10.0.0.1
