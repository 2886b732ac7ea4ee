# HAProxy in front of two ports of its own.
packages='haproxy'
guest () {
  cat >>/etc/haproxy/haproxy.cfg <<'END'

frontend door
  bind :8080
  default_backend rooms
backend rooms
  server a 127.0.0.1:9001 check
  server b 127.0.0.1:9002 check
frontend a
  bind 127.0.0.1:9001
  http-request return status 200 content-type text/plain string "a room\n"
frontend b
  bind 127.0.0.1:9002
  http-request return status 200 content-type text/plain string "a room\n"
END
}
probe () { fetch 8080 / | grep -qx 'a room'; }
