#!/bin/sh
# A server of another init becomes a container: what scripts of sysvinit and
# run scripts of runit start answers on its ports.
. "${0%/*}/functions.sh"
requires_root
requires mmdebstrap --version
requires podman --version
requires slirp4netns --version
requires jq --version
requires curl --version
guests=$top_builddir/tests/work/inits
mkdir -p "$top_builddir/tests/work"
(
  flock 9
  [ -d "$guests" ] || sh "$top_srcdir/tests/guests/inits.sh" "$guests"
) 9>"$guests.lock" || skip 'the guests cannot be made here'
export XDG_DATA_HOME="$work/data"

for guest in sysvinit openrc runit; do
  "$decant" image "dir:$guests/$guest" -q -o "oci:$guest" --json >$guest.json
  jq -e '.services[] | select (.name == "supervisor-queue.service" and (.started | not))' \
    $guest.json >/dev/null || fail "$guest: a program of supervisord would be started twice"
  cleanup "'$decant' stop decant-test-$guest"
  "$decant" run "oci:$guest" --name decant-test-$guest --wait --json >run.json
  port=$(jq -r '.ports[] | select (.port == 80) | .host_port' run.json)
  curl -s -m 10 "http://127.0.0.1:$port/" | grep -q 'Welcome to nginx' ||
    fail "$guest: nginx does not answer: $(podman logs decant-test-$guest 2>&1 | tail -n 5)"
  port=$(jq -r '.ports[] | select (.port == 22) | .host_port' run.json)
  bash -c "exec 3<>/dev/tcp/127.0.0.1/$port && head -n 1 <&3" | grep -q '^SSH-2.0-OpenSSH' ||
    fail "$guest: sshd does not answer"
  podman top decant-test-$guest user comm >top.txt
  grep -q '^redis .*redis-server' top.txt || fail "$guest: redis' user: $(cat top.txt)"
  "$decant" stop --volumes decant-test-$guest
done
