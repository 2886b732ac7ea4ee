#!/bin/sh
# A converted system that does not do what it promises: each service falls
# short in a way of its own, and each is named with its reason.
. "${0%/*}/functions.sh"
requires_root
requires runc --version
requires jq --version
requires busybox true
requires ldd --version

# A guest of busybox and units.
root=$work/root
mkdir -p "$root/bin" "$root/etc/systemd/system" "$root/usr/lib/systemd/system" \
  "$root/opt" "$root/srv" "$root/tmp" "$root/run" "$root/proc" "$root/sys" "$root/dev" "$root/var"
busybox=$(command -v busybox)
cp "$busybox" "$root/bin/busybox"
for library in $(ldd "$busybox" | grep -o '/[^ )]*'); do
  mkdir -p "$root${library%/*}"
  cp -L "$library" "$root$library"
done
for name in sh sleep nc httpd start-stop-daemon env echo; do ln -s busybox "$root/bin/$name"; done
printf 'ID=debian\nVERSION_ID="12"\n' >"$root/etc/os-release"
printf 'root:x:0:0:root:/:/bin/sh\napp:x:1000:1000::/:/bin/sh\nother:x:1001:1001::/:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\napp:x:1000:\nother:x:1001:\n' >"$root/etc/group"
echo hello >"$root/srv/index.html"
printf '[Unit]\nDescription=default\n' >"$root/usr/lib/systemd/system/multi-user.target"
ln -s multi-user.target "$root/usr/lib/systemd/system/default.target"
mkdir "$root/etc/systemd/system/multi-user.target.wants"
service () { # NAME SCRIPT [SETTING...]
  name=$1
  printf '#!/bin/sh\n%s\n' "$2" >"$root/opt/$name"
  chmod 755 "$root/opt/$name"
  shift 2
  {
    printf '[Unit]\nDescription=%s\n[Service]\nExecStart=/opt/%s\n' "$name" "$name"
    for setting in "$@"; do echo "$setting"; done
    printf '[Install]\nWantedBy=multi-user.target\n'
  } >"$root/etc/systemd/system/$name.service"
  ln -s "../$name.service" "$root/etc/systemd/system/multi-user.target.wants/"
}

service good 'exec httpd -f -p "$PORT" -h /srv' Environment=PORT=8080
"$decant" image "dir:$root" -q -o oci:good >/dev/null
"$decant" verify oci:good --runner runc --json >good.json ||
  fail "a good one is refused: $(cat good.json)"
same verdict "$(jq -r .verdict good.json)" kept
same 'the answer' "$(jq -r '.endpoints[0].text' good.json)" 'HTTP/1.1 200 OK'
same 'the exit status' "$(jq .stop.exit_status good.json)" 0

service fails 'echo cannot open the database; exit 3'
service closed 'exec sleep 1000' Environment=PORT=8082
service ends 'sleep 1'
service late 'exec sleep 1000' Type=notify TimeoutStartSec=infinity
service user 'exec start-stop-daemon -S -c other:other -x /bin/sleep -- 1000' User=app \
  'AmbientCapabilities=CAP_SETUID CAP_SETGID'
service empty 'while nc -l -p 8081 -e /bin/sh -c "echo HTTP/1.0 503 No; echo"; do :; done' \
  Environment=PORT=8081
service stubborn 'trap "" TERM; while :; do sleep 1; done' TimeoutStopSec=60
"$decant" image "dir:$root" -q -o oci:bad >/dev/null 2>&1
status=0
start=$(date +%s)
"$decant" verify oci:bad --runner runc --timeout 6 --stop-timeout 3 --json --report report.json >bad.json || status=$?
seconds=$(($(date +%s) - start))
same 'the exit status' "$status" 3
same_file bad.json report.json
[ "$seconds" -lt 60 ] || fail "it took $seconds s"
jq -r '.reasons[]' bad.json >reasons.txt
says () { grep -qF -- "$1" reasons.txt || fail "no reason '$1' in: $(cat reasons.txt)"; }
says 'fails.service: failed (exit-code): its program exited with status 3'
says 'closed.service: tcp *:8082: nobody listens'
says 'ends.service: has ended by itself'
says 'late.service: has not come up in time'
says "user.service: runs as user 1001, not as 'app' (1000)"
says 'it did not stop within 3 s'
! grep -q '^good.service' reasons.txt || fail "a good service is blamed: $(cat reasons.txt)"
jq -r '.log[]' bad.json | grep -q 'cannot open the database' ||
  fail "the log does not say why: $(jq .log bad.json)"
jq -r '.endpoints[] | select (.port == 8081) | .state' bad.json | grep -q unwell ||
  fail "503 is not told: $(jq -c .endpoints bad.json)"

# Nothing is left, also of one that was killed.
[ -z "$(ls "$DECANT_STATE_DIR/containers")" ] || fail "left: $(ls "$DECANT_STATE_DIR/containers")"
"$decant" verify oci:bad --runner runc --timeout 60 >/dev/null 2>&1 &
pid=$!
for i in $(seq 100); do
  [ "$(ls "$DECANT_STATE_DIR"/running/verify-*.json 2>/dev/null | wc -l)" = 0 ] || break
  sleep 0.1
done
sleep 1
kill -9 "$pid"
wait "$pid" || :
"$decant" verify oci:good --runner runc >/dev/null || fail 'not after a killed one'
[ -z "$(ls "$DECANT_STATE_DIR/containers")" ] || fail "left by a killed one: $(ls "$DECANT_STATE_DIR/containers")"

refuses 2 'verify needs one image' "$decant" verify
refuses 1 'there is none' "$decant" verify oci:nowhere
