#!/bin/sh
# The proof of equivalence: a throw-away copy of the source is booted and asked
# what the converted system was asked; the source stays as it is, and nothing
# survives, also not after kill -9.
. "${0%/*}/functions.sh"
requires_root
requires runc --version
requires jq --version
requires qemu-system-x86_64 --version
requires unshare --net true
disk=$(debian_disk)

"$decant" image "$disk" -q -o oci:web >/dev/null 2>&1
digest=$(sha256sum <"$disk")
start=$(date +%s)
"$decant" verify oci:web --runner runc --against "$disk" --boot-timeout 900 >text.txt ||
  fail "they differ: $(cat text.txt)"
echo "compared in $(($(date +%s) - start)) s: $(grep 'it was up' text.txt)"
same 'the source' "$(sha256sum <"$disk")" "$digest"
same equivalent "$(jq .equivalent web.equivalence.json)" true
for port in 22 80 6379 8080; do
  jq -r '.endpoints[] | select (.equal) | .endpoint' web.equivalence.json | grep -q ":$port\$" ||
    fail "port $port was not compared: $(cat web.equivalence.json)"
done
# A page that counts its visits is no difference, another page is one.
same 'the counter' "$(jq -r '.endpoints[] | select (.endpoint | endswith (":8080")) | .source.facts.body' \
  web.equivalence.json)" changes

# Killed in the middle: no QEMU stays.
"$decant" verify oci:web --runner runc --against "$disk" >/dev/null 2>&1 &
pid=$!
qemu=
for i in $(seq 600); do
  qemu=$(pgrep -P "$pid" -f qemu-system || :)
  [ -z "$qemu" ] || break
  sleep 0.2
done
[ -n "$qemu" ] || fail 'QEMU was not started'
kill -9 "$pid"
wait "$pid" || :
for i in $(seq 50); do
  [ -d "/proc/$qemu" ] || break
  sleep 0.1
done
[ ! -d "/proc/$qemu" ] || fail 'QEMU has survived'

mkdir folder
refuses 1 'cannot be booted, only disks' "$decant" verify oci:web --runner runc --against dir:folder
