# Redis of Debian 11.
suite=bullseye
packages='redis-server'
state=kept
guest () {
  sed -i 's/^bind .*/bind 0.0.0.0/; s/^protected-mode .*/protected-mode no/' /etc/redis/redis.conf
  redis-server --daemonize yes --dir /var/lib/redis --save '' --port 7777 >/dev/null
  until redis-cli -p 7777 ping >/dev/null 2>&1; do sleep 0.1; done
  redis-cli -p 7777 set old guest >/dev/null
  redis-cli -p 7777 save >/dev/null
  redis-cli -p 7777 shutdown nosave || true
  chown redis:redis /var/lib/redis/dump.rdb
}
ask () { talk 6379 "$1\r\n"; }
probe () { ask PING | grep -q PONG && ask 'GET old' | grep -q guest; }
write () { ask 'SET new container' | grep -q OK; }
check () { ask 'GET new' | grep -q container; }
