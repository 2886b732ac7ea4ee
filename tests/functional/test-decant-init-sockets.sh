#!/bin/sh
# Sockets are there before the first service, start theirs when somebody comes,
# and again when it ended; the service gets them as sd_listen_fds(3) has it.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
requires /usr/bin/python3 --version
requires systemd-socket-activate --version

python=/usr/bin/python3

# A server that says what it was given, answers one client and ends.
cat >serve.py <<'END'
import os, socket, sys
names = os.environ.get('LISTEN_FDNAMES')
count = int(os.environ.get('LISTEN_FDS', 0))
print('fds', count, names, os.environ.get('LISTEN_PID') == str(os.getpid()),
      sorted(int(f) for f in os.listdir('/proc/self/fd')
             if os.path.exists('/proc/self/fd/' + f)), flush=True)
print('blocking', [os.get_blocking(3 + i) for i in range(count)], flush=True)
s = socket.socket(fileno=3 + int(sys.argv[1]))
s.setblocking(True)
if s.type == socket.SOCK_DGRAM:
    print('got', s.recv(100), flush=True)
else:
    c, peer = s.accept()
    c.sendall(b'hello from %d\n' % os.getpid())
END
cat >ask.py <<'END'
import socket, sys
kind, where = sys.argv[1:3]
if kind == 'unix':
    s = socket.socket(socket.AF_UNIX)
    s.connect('\0' + where[1:] if where[0] == '@' else where)
else:
    s = socket.create_connection((kind, int(where)))
sys.stdout.write(s.makefile().read())
END
ask () { timeout 20 $python ask.py "$@"; }

# On demand, the service that is there from the start, several for one.
port=$((20000 + $$ % 20000))
plan <<END
service web
on-demand
sockets web admin
$(printf 'exec start - %s python3 %s 0' "$python" "$work/serve.py")
service log
on-demand
sockets log
non-blocking
$(printf 'exec start - %s python3 %s 0' "$python" "$work/serve.py")
service early
type oneshot
$(script start - "ls -l $work/sub/web.sock $work/other; test -S $work/sub/web.sock; test ! -e /proc/self/fd/3")
socket web
starts web
descriptor web.socket
listen stream $work/sub/web.sock
listen stream @decant-test-$$
socket-mode 0600
folder-mode 0710
symlink $work/other
remove-on-stop
socket admin
starts web
descriptor admin
listen stream 127.0.0.1:$port
socket log
starts log
descriptor log
listen datagram $work/log.sock
END
init_start
awaits out.txt 'early: .*web.sock'
[ "$(stat -c %a sub/web.sock)" = 600 ] || init_fail "mode of the socket"
[ "$(stat -c %a sub)" = 710 ] || init_fail "mode of its folder"
[ "$(readlink other)" = "$work/sub/web.sock" ] || init_fail "its link"
silent out.txt '^web:'
answer=$(ask unix "$work/sub/web.sock")
says out.txt '^web: fds 3 web.socket:web.socket:admin True \[0, 1, 2, 3, 4, 5(, [0-9]+)?\]$'
says out.txt '^web: blocking \[True, True, True\]$'
case $answer in "hello from "*) ;; *) init_fail "the answer is '$answer'" ;; esac
awaits err.txt 'web: ended with status 0'
[ "$(ask unix "$work/other")" != "$answer" ] || init_fail "not started again"
silent out.txt '^log:'
$python -c "import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(b'a line', '$work/log.sock')"
awaits out.txt "^log: got b'a line'"
says out.txt '^log: blocking \[False\]$'
init_stop
ends 0
[ ! -e sub/web.sock ] && [ ! -L other ] || init_fail "its files are left"
[ -S log.sock ] || init_fail "the other's file is gone"

# The same as systemd-socket-activate gives.
systemd-socket-activate -l "$work/truth.sock" --fdname=web.socket \
  $python serve.py 0 >truth.txt 2>truth.err &
cleanup "kill $! 2>/dev/null"
until [ -S truth.sock ]; do sleep 0.05; done
ask unix "$work/truth.sock" >/dev/null
grep -q '^fds 1 web.socket True \[0, 1, 2, 3' truth.txt ||
  fail "$(cat truth.txt)"

# Accept=yes: an instance for each connection, which is its input and output;
# the limits.
plan <<END
service echo@
on-demand
stdin socket
stdout inherit
stderr log
$(script start n 'read -r line; echo "got $line from $REMOTE_ADDR ${LISTEN_FDS-none}"; echo in the log >&2')
service pass@
on-demand
$(script start - "echo \$LISTEN_FDS \$LISTEN_FDNAMES \$REMOTE_ADDR; sleep 97.1")
socket echo
starts echo@
listen stream 127.0.0.1:$port
accept
socket pass
starts pass@
listen stream $work/pass.sock
accept
max-connections 1
END
init_start
for i in 1 2 3; do
  $python -c "import socket
s = socket.create_connection(('127.0.0.1', $port))
s.sendall(b'x$i\\n')
print(s.makefile().read().strip())"
done >got.txt
cat >want.txt <<'END'
got x1 from 127.0.0.1 none
got x2 from 127.0.0.1 none
got x3 from 127.0.0.1 none
END
diff want.txt got.txt || init_fail "the connections' answers"
awaits out.txt "^echo@1-127.0.0.1:$port-127.0.0.1:[0-9]+: in the log"
$python -c "import socket, time
s = [socket.socket(socket.AF_UNIX) for i in (1, 2)]
s[0].connect('$work/pass.sock')
time.sleep(0.5)
s[1].connect('$work/pass.sock')
s[1].settimeout(20)
assert s[1].recv(10) == b''"
says out.txt '^pass@0-[0-9]+-0: 1 connection *$'
says err.txt 'pass: a connection is refused: there are 1 already'
init_stop
ends 0
gone 97.1

# A service that does not take what comes is given up after a while.
plan <<END
service deaf
on-demand
start-limit 0 0
sockets deaf
$(script start - true)
socket deaf
starts deaf
listen stream $work/deaf.sock
trigger-limit 5 60000
END
init_start
$python -c "import socket, time
s = socket.socket(socket.AF_UNIX)
s.connect('$work/deaf.sock')
s.settimeout(20)
s.recv(1)" || true
init_end
ends 0
says err.txt 'deaf: given up: more than 5 starts in 60000 ms'
[ "$(grep -c 'deaf: ended with status 0' err.txt)" = 5 ] || init_fail "5 starts"

# One that cannot be opened is said; the others are.
plan <<END
service a
on-demand
sockets bad
$(script start - true)
socket bad
starts a
listen stream 192.0.2.1:$port
END
init_run
ends 0
says err.txt "bad: cannot listen on '192.0.2.1:$port': "
