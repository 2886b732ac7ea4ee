#!/bin/sh
# A guest whose services are broken in every way that services are: each is
# said in one sentence when it is converted or run, none keeps the good one
# from answering, all of it stops in time, and nothing is left.
. "${0%/*}/functions.sh"
requires_root
requires runc --version
requires musl-gcc --version
requires jq --version
requires curl --version
requires nsenter --version

mkdir -p root/etc/systemd/system/multi-user.target.wants root/usr/lib/systemd/system \
  root/bin root/usr/local/bin root/tmp root/var/log
# program PATH...: with the libraries that it needs.
program () {
  for path in "$@"; do
    cp "$path" root/bin/
    ldd "$path" | grep -o '/[^ ]*' | while read -r library; do
      mkdir -p "root${library%/*}"
      cp -L "$library" "root$library"
    done
  done
}
program "$(command -v dash)" "$(command -v sleep)" "$(command -v setsid)" \
  "$(command -v cat)"
ln -s dash root/bin/sh
musl-gcc -static -Os -o root/usr/local/bin/hello "$top_srcdir/tests/corpus/files/hello.c"
printf 'ID=tiny\nVERSION_ID=1\n' >root/etc/os-release
echo 'root:x:0:0::/:/bin/sh' >root/etc/passwd
echo 'root:x:0:' >root/etc/group
printf '[Unit]\nRequires=multi-user.target\n' >root/usr/lib/systemd/system/default.target
echo '[Unit]' >root/usr/lib/systemd/system/multi-user.target
# An ELF file for arm64, as far as its header says.
head -c 4096 root/usr/local/bin/hello >root/usr/local/bin/foreign
printf '\267' | dd of=root/usr/local/bin/foreign bs=1 seek=18 conv=notrunc status=none
chmod 755 root/usr/local/bin/foreign

# unit NAME: from stdin, started at boot.
unit () {
  cat >"root/etc/systemd/system/$1.service"
  ln -s "../$1.service" "root/etc/systemd/system/multi-user.target.wants/$1.service"
}
unit good <<'END'
[Service]
ExecStart=/usr/local/bin/hello --port 8081
END
unit cycle-a <<'END'
[Unit]
Requires=cycle-b.service
After=cycle-b.service
[Service]
ExecStart=/bin/sleep 1000
END
unit cycle-b <<'END'
[Unit]
Requires=cycle-a.service
After=cycle-a.service
[Service]
ExecStart=/bin/sleep 1000
END
unit missing <<'END'
[Service]
ExecStart=/usr/bin/nothing-there
END
unit odd <<'END'
[Service]
Sparkle=bright
ExecStart=/bin/sleep 1000
[Unheard]
Of=yes
END
unit foreign <<'END'
[Service]
ExecStart=/usr/local/bin/foreign
END
unit never <<'END'
[Service]
Type=notify
TimeoutStartSec=2
ExecStart=/bin/sleep 1000
END
unit away <<'END'
[Service]
ExecStart=/bin/sh -c 'setsid sh -c "sleep 1000 & sleep 1000" & exit 0'
END
unit crash <<'END'
[Service]
ExecStart=/bin/sh -c 'exit 7'
Restart=always
RestartSec=0
END
unit deaf <<'END'
[Service]
TimeoutStopSec=2
ExecStart=/bin/sh -c 'trap "" TERM INT HUP; while :; do sleep 1000; done'
END
unit filler <<'END'
[Service]
ExecStart=/bin/sh -c 'sleep 2; cat /dev/zero >/var/fill; sleep 1000'
END

"$decant" image dir:root -o oci:bad --json >image.json 2>said.txt ||
  fail "no image: $(cat said.txt)"
says () { grep -q -- "$2" "$1" || fail "no '$2' in: $(cat "$1")"; }
says said.txt "missing.service: program '/usr/bin/nothing-there' is not in the guest"
says said.txt "foreign.service: .*arm64"
says said.txt 'odd.service: .*Sparkle='
says said.txt 'cycle'

# The container's disk is a small one.
mkdir -p small
mount -t tmpfs -o size=64m none small || skip 'no tmpfs can be mounted'
cleanup 'umount -l small'
DECANT_STATE_DIR=$work/small/state
cleanup '"$decant" stop decant-test-bad >/dev/null 2>&1'
"$decant" run oci:bad --runner runc --network none --name decant-test-bad --json >run.json 2>run.txt ||
  fail "it does not run: $(cat run.txt)"
pid=$(jq .pid run.json)
log=$DECANT_STATE_DIR/containers/decant-test-bad/console.log
for _ in $(seq 100); do
  [ "$(df --output=avail small | tail -n 1 | tr -d ' ')" != 0 ] || break
  sleep 0.1
done
same 'room that the filler left' "$(df --output=avail small | tail -n 1 | tr -d ' ')" 0
nsenter -t "$pid" -n curl -s -m 5 http://127.0.0.1:8081/ >answer.txt
says answer.txt 'hello from a static binary'
says "$log" 'decant-init: missing: '
says "$log" 'decant-init: foreign: '
says "$log" 'decant-init: never: .*2000 ms'
says "$log" 'decant-init: crash: not started: more than 5 starts'
[ "$(grep -c 'decant-init: crash: ended' "$log")" -le 6 ] || fail 'it went on crashing'
count=$(nsenter -t "$pid" -m -p sh -c 'set -- /proc/[0-9]*; echo $#')
[ "$count" -lt 40 ] || fail "$count processes are there"
[ "$(wc -c <"$log")" -lt 20000 ] || fail 'the log grows and grows'

begin=$(date +%s)
"$decant" stop decant-test-bad >stop.txt 2>&1 || fail "it does not stop: $(cat stop.txt)"
[ $(($(date +%s) - begin)) -lt 15 ] || fail 'stopping took 15 s'
! grep -q "^State:[^Z]*$" "/proc/$pid/status" 2>/dev/null ||
  fail "its first process is still there: $(cat "/proc/$pid/status")"
[ -z "$(ls "$DECANT_STATE_DIR/containers")" ] || fail "left: $(ls "$DECANT_STATE_DIR/containers")"
