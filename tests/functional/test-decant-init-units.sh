#!/bin/sh
# What the compiler makes of a guest's units is what decant-init runs: order,
# users, folders, variables, forking, notify, conditions, what is run first.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
requires_root
requires unshare -pfm --mount-proc true
python=/usr/bin/python3
requires $python -c 'import socket'
compile=$top_builddir/tests/functional/dump-initplan

units=guest/etc/systemd/system
mkdir -p $units/multi-user.target.wants $units/web.service.d guest/bin \
  guest/usr/bin guest/usr/lib/systemd/system guest/etc/default
touch guest/bin/sh guest/usr/bin/python3 guest/usr/bin/touch
cat >guest/etc/passwd <<'END'
root:x:0:0::/root:/bin/sh
web:x:4711:4712::/srv/web:/bin/false
END
printf 'root:x:0:\nweb:x:4712:\nlogs:x:4713:web\n' >guest/etc/group
echo 'LANG="de_DE.UTF-8"' >guest/etc/default/locale
for unit in multi-user basic sysinit; do
  printf '[Unit]\nDescription=x\n' >guest/usr/lib/systemd/system/$unit.target
done
ln -s multi-user.target guest/usr/lib/systemd/system/default.target
cat >>guest/usr/lib/systemd/system/multi-user.target <<'END'
Requires=basic.target
After=basic.target
END
cat >$units/db.service <<END
[Unit]
Before=cache.target
[Service]
Type=notify
ExecStart=$python -c 'import os,socket,time; p = os.environ["NOTIFY_SOCKET"]; \\
  s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); time.sleep(0.3); \\
  print("%n ready as", os.getuid(), flush=True); s.sendto(b"READY=1", p); \\
  time.sleep(100)'
User=web
TimeoutStopSec=5s
PrivateTmp=yes
END
cat >$units/web.service <<END
[Unit]
Requires=db.service
After=db.service
ConditionPathExists=!/run/web
[Service]
Type=forking
PIDFile=/run/%p/%p.pid
User=web
RuntimeDirectory=%p
RuntimeDirectoryMode=0750
EnvironmentFile=-/etc/default/no-such-file
Environment="WORDS=one 'two three'" LATE=1
ExecStartPre=+/bin/sh -c 'echo pre \$(id -u) \$USER \$LANG'
ExecStart=/bin/sh -c 'echo "start \$(id -u):\$(id -G) \$# \$2 \$(stat -c %%a \\
  \$RUNTIME_DIRECTORY)"; sleep 100 & echo \$! >\$PIDFILE' sh \$WORDS \${LATE}
ExecStop=/bin/sh -c 'echo stop \$MAINPID'
END
cat >$units/web.service.d/late.conf <<'END'
[Service]
Environment=LATE=2
KillMode=mixed
END
cat >$units/once.service <<END
[Unit]
After=web.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo once'
ExecStart=-/bin/sh -c 'exit 3'
RemainAfterExit=yes
END
cat >$units/vm.service <<'END'
[Unit]
ConditionVirtualization=vm
[Service]
ExecStart=/bin/sh -c 'echo never'
END
for unit in db web once vm; do
  ln -s ../$unit.service $units/multi-user.target.wants/$unit.service
done

"$compile" guest web.service "!db.service=/bin/sh -c 'echo prepared \$(id -u)'" \
  once.service vm.service >plan 2>findings.txt || fail "$(cat findings.txt)"
"$init" --check plan
grep -q "^db.service: the container's own confinement .* PrivateTmp=\$" \
  findings.txt || fail 'no finding of PrivateTmp='
grep -q 'vm.service: left out, because in a container' findings.txt ||
  fail 'no finding of a condition'

cat >boot.sh <<END
mount -t tmpfs none /run
exec "$init" plan
END
unshare -pfm --mount-proc sh boot.sh >out.txt 2>err.txt &
outer=$!
cleanup "kill -KILL $outer 2>/dev/null"
awaits err.txt 'once: started'
kill -TERM "$(pgrep -P $outer)"
init_pid=$outer
init_end
ends 0
sed 's/stop [0-9]*/stop PID/' out.txt >got.txt
cat >expected.txt <<'END'
db: prepared 0
db: db.service ready as 4711
web: pre 0 web de_DE.UTF-8
web: start 4711:4712 4713 3 two three 750
once: once
web: stop PID
END
same_file expected.txt got.txt
before err.txt 'once: stopped' 'web: stopped'
before err.txt 'web: stopped' 'db: stopped'

# A user that the guest does not have is never replaced by root.
sed -i 's/^User=web/User=nobody-here/' $units/db.service
refuses 1 "user 'nobody-here' is not in the guest's passwd file" \
  "$compile" guest db.service
