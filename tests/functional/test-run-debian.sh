#!/bin/sh
# The whole way: a Debian server's disk becomes a container whose services
# answer on their ports, and stops cleanly.
. "${0%/*}/functions.sh"
requires_root
requires podman --version
requires slirp4netns --version
requires jq --version
requires curl --version
disk=$(debian_disk)

# podman's storage of its own, removed at the end.
export XDG_DATA_HOME="$work/data"
"$decant" image "$disk" -q -o oci:web
cleanup '"$decant" stop --volumes decant-test-run'
"$decant" run oci:web --name decant-test-run --wait --json >run.json
port () { jq -r ".ports[] | select (.port == $1) | .host_port" run.json; }

curl -s -m 10 "http://127.0.0.1:$(port 80)/" | grep -q 'Hello from a converted' ||
  fail 'nginx does not answer'
bash -c "exec 3<>/dev/tcp/127.0.0.1/$(port 22) && head -n 1 <&3" | grep -q '^SSH-2.0-OpenSSH' ||
  fail 'sshd does not answer'
bash -c "exec 3<>/dev/tcp/127.0.0.1/$(port 6379) && printf 'PING\r\n' >&3 && head -n 1 <&3" |
  grep -q PONG || fail 'redis does not answer'
# The application is behind nginx and keeps its number in redis.
curl -s -m 10 "http://127.0.0.1:$(port 80)/visits" >visit.txt
grep -q '^visit 1, served by visits$' visit.txt ||
  fail "the application says: $(cat visit.txt)"
# Each service runs as its own user.
podman exec decant-test-run ps -eo user:20,comm >ps.txt 2>/dev/null ||
  podman top decant-test-run user comm >ps.txt
grep -q '^redis .*redis-server' ps.txt || fail "redis' user: $(cat ps.txt)"

refuses 1 'was started already' "$decant" run oci:web --name decant-test-run
start=$(date +%s)
"$decant" stop --volumes decant-test-run
[ $(($(date +%s) - start)) -lt 30 ] || fail 'stopping took 30 s'
! podman container exists decant-test-run || fail 'the container is still there'
refuses 1 "started no container 'decant-test-run'" "$decant" stop --volumes decant-test-run
