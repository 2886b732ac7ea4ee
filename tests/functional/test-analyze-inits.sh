#!/bin/sh
# Guests of sysvinit, OpenRC and runit: what starts is what their own tools
# say, and the endpoints of nginx, redis and sshd are there.
. "${0%/*}/functions.sh"
requires_root
requires mmdebstrap --version
requires jq --version
requires unshare -mnpf true
guests=$top_builddir/tests/work/inits
mkdir -p "$top_builddir/tests/work"
(
  flock 9
  [ -d "$guests" ] || sh "$top_srcdir/tests/guests/inits.sh" "$guests"
) 9>"$guests.lock" || skip 'the guests cannot be made here'

# inside GUEST COMMAND: run in the guest, without a network, and forget what
# it wrote.
inside () {
  mkdir -p "$work/over"
  timeout 60 unshare -mnpf --kill-child sh -c '
    mount -t tmpfs none "$1" && mkdir "$1/upper" "$1/work" "$1/root" &&
    mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" none "$1/root" &&
    chroot "$1/root" sh -c "$3"' sh "$work/over" "$guests/$1" "$2"
}
# started MANAGER PROFILE: the services that start, without ".service".
started () {
  jq -r --arg m "$1" '.services[] | select (.manager == $m and .started) | .name' "$2" |
    sed 's/\.service$//' | sort
}

for guest in sysvinit openrc runit; do
  "$decant" analyze "dir:$guests/$guest" -q --json >$guest.json
  same 'the manager' "$(jq -r .init.manager $guest.json)" $guest
  for port in nginx:80 redis-server:6379 ssh:22; do
    jq -e --arg s "${port%:*}.service" --argjson p "${port#*:}" \
      '.endpoints[] | select (.service == $s and .port == $p)' $guest.json >/dev/null ||
      fail "$guest: no endpoint of $port"
  done
done

# sysvinit: what the links of the boot and of level 2 start, and inittab.
inside sysvinit 'for l in /etc/rcS.d/S* /etc/rc2.d/S*; do basename "$(readlink -f $l)" .sh; done
  awk -F: "/^[^#].*:respawn:/ && \$2 ~ /2/ { n = split (\$4, w, \" \"); print \"getty@\" w[n] }" /etc/inittab' |
  sort >want.txt
started sysvinit sysvinit.json >got.txt
same_file want.txt got.txt

# OpenRC: its own list of the runlevels that a boot enters.
inside openrc 'rc-update show' |
  awk -F'|' '$2 ~ /default|boot|sysinit/ { gsub (/ /, "", $1); print $1 }' |
  sed 's/\.sh$//' | sort >want.txt
started openrc openrc.json >got.txt
same_file want.txt got.txt

# runit: really started for a moment; its gettys find no terminal and leave.
inside runit 'runsvdir /etc/service >/dev/null 2>&1 & sleep 3; sv status /etc/service/*' |
  sed -n 's,^run: /etc/service/\([^:]*\):.*,\1,p' | grep -v '^getty-' | sort >want.txt
started runit runit.json | grep -v '^getty-' >got.txt
same_file want.txt got.txt
[ -s want.txt ] || fail 'runit started nothing'

# supervisord, really started, says what runs; who starts it does not matter.
inside sysvinit 'supervisord -c /etc/supervisor/supervisord.conf; sleep 3; supervisorctl status' |
  awk '$2 == "RUNNING" { sub (/.*:/, "", $1); print "supervisor-" $1 }' | sort >want.txt
for guest in sysvinit openrc runit; do
  started supervisor $guest.json >got.txt
  same_file want.txt got.txt
done
[ "$(wc -l <want.txt)" = 3 ] || fail "supervisord ran: $(cat want.txt)"

# What a script starts, as the process really is.
same 'redis of sysvinit' "$(jq -r '.services[] | select (.name == "redis-server.service") |
  [.daemon.exec, .daemon.user, .daemon.pidfile] | join (" | ")' sysvinit.json)" \
  '/usr/bin/redis-server /etc/redis/redis.conf | redis | /run/redis/redis-server.pid'
