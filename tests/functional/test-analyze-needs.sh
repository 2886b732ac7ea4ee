#!/bin/sh
# The closed set of files that a service needs: its programs run with nothing
# else, all that ldd finds is in it, and each file has its reason.
. "${0%/*}/functions.sh"
requires_root
requires jq --version
requires debugfs -V
disk=$(debian_disk)

qemu-img convert -O raw "$disk" disk.raw
start=$(sfdisk -J disk.raw |
  jq '[.partitiontable.partitions[] | select (.type != "C12A7328-F81F-11D2-BA4B-00A0C93EC93B")] | max_by (.size) | .start')
mkdir all
debugfs -R "rdump / $work/all" "disk.raw?offset=$((start * 512))" >/dev/null 2>&1
rm disk.raw

# kept SERVICE: a folder with what it needs.
kept () {
  "$decant" analyze --needs "$1" "$disk" >"$1.txt"
  cut -f 1 "$1.txt" | sed 's,^/,,; /^$/d' >"$1.list"
  mkdir "$1"
  tar -C all --no-recursion -cf - -T "$1.list" | tar -C "$1" -xf -
  mkdir -p "$1/tmp" "$1/dev" "$1/var/log/nginx" "$1/var/lib/nginx" "$1/var/lib/redis" "$1/run/sshd"
  touch "$1/dev/null"
}
# libraries SERVICE PROGRAM: ldd in the whole system names no other.
libraries () {
  chroot all ldd "$2" | grep -o '/[^ ]*' | while read -r library; do
    real=$(chroot all readlink -f "$library")
    grep -q "^$real	" "$1.txt" || echo "$library"
  done >missing.txt
  [ ! -s missing.txt ] || fail "$1 lacks $(cat missing.txt)"
}
because () {
  grep -q "^$2	.*$3" "$1.txt" || fail "$1: $2 is not kept because '$3': $(grep "^$2	" "$1.txt")"
}

kept nginx
chroot nginx nginx -t >out.txt 2>&1 || fail "nginx does not run: $(cat out.txt)"
libraries nginx /usr/sbin/nginx
because nginx /usr/sbin/nginx 'the service runs it'
because nginx /usr/lib/x86_64-linux-gnu/libc.so.6 'is linked to it'
because nginx /etc/nginx/nginx.conf 'the application reads it'
because nginx /etc/passwd 'users'
! grep -q '^/usr/share/doc/\|^/usr/bin/apt\|^/usr/sbin/sshd' nginx.txt ||
  fail "not only nginx: $(grep -m 5 '^/usr/share/doc/\|^/usr/bin/apt\|^/usr/sbin/sshd' nginx.txt)"

kept redis-server
chroot redis-server redis-server --port 0 --unixsocket /tmp/s --dir /tmp --logfile '' >out.txt 2>&1 &
server=$!
cleanup "kill $server 2>/dev/null"
for _ in $(seq 50); do [ -S redis-server/tmp/s ] && break; sleep 0.1; done
same 'redis answers' "$(chroot redis-server redis-cli -s /tmp/s ping)" PONG
kill $server
libraries redis-server /usr/bin/redis-server

# A script with its interpreter, that needs modules of it.
kept visits
script=$(grep -m 1 '	the service runs it$\|names it$' visits.txt | cut -f 1)
interpreter=$(chroot all head -n 1 "$script" | sed 's/^#! *//; s/ .*//')
chroot visits "$interpreter" -c "$script" >out.txt 2>&1 || fail "visits: $(cat out.txt)"

kept ssh
libraries ssh /usr/sbin/sshd
chroot ssh /usr/sbin/sshd -T -f /dev/null >out.txt 2>&1 ||
  grep -q 'no hostkeys available' out.txt || fail "sshd does not run: $(cat out.txt)"

# The profile says the same in numbers.
"$decant" analyze --json "$disk" >profile.json
"$decant" analyze --json --needs nginx.service "$disk" >nginx.json
same 'files' \
  "$(jq '.dependencies[] | select (.service == "nginx.service") | .by_reason.command.files' profile.json)" \
  "$(jq '[.files[] | select (.reason == "command" and .size > 0)] | length' nginx.json)"
same 'missing' "$(jq -c '[.dependencies[].missing[]]' profile.json)" '[]'
refuses 1 "no service 'nothing'" "$decant" analyze --needs nothing "$disk"
