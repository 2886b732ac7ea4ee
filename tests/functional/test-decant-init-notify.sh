#!/bin/sh
# A service of type notify is up when its main process says so, also by
# systemd's own tool; others are not believed.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
python=/usr/bin/python3
requires $python -c 'import socket'

cat >tell.py <<'END'
import os, socket, sys, time
path = os.environ["NOTIFY_SOCKET"]
if path[0] == "@":
    path = "\0" + path[1:]
out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
out.connect(path)
def tell(text):
    print("telling", text, flush=True)
    out.send(text.encode())
exec(sys.argv[1])
END
# python NAME CODE: the line that starts it.
python () { echo "exec start n $python python3 $work/tell.py $(word "$1")"; }

plan <<END
service a
type notify
notify main
$(python 'time.sleep(0.3); tell("STATUS=loading"); tell("READY=1"); \
time.sleep(0.3); tell("STOPPING=1"); sys.exit(7)')
service b
type oneshot
after a
$(script start - 'echo up')
END
init_run
ends 7
before out.txt 'a: telling READY=1' 'b: up'
before out.txt 'b: up' 'a: telling STOPPING=1'

# Not in time: the service's own words are passed on.
plan <<END
service a
type notify
notify main
timeout-start 500
$(python 'tell("STATUS=replaying journal"); time.sleep(60)')
END
init_run
ends 1
says err.txt 'not through with starting after 500 ms; it says: replaying j'

# More time on request.
plan <<END
service a
type notify
notify main
timeout-start 400
$(python 'tell("EXTEND_TIMEOUT_USEC=3000000"); time.sleep(0.8); \
tell("READY=1"); sys.exit(0)')
END
init_run
ends 0
says err.txt 'a: started'

# It ends before it is ready: a failure even with status 0.
plan <<END
service a
type notify
notify main
$(python 'sys.exit(0)')
END
init_run
ends 1
says err.txt 'a: ended with status 0 before it was ready'

# A child is believed only where the plan says so.
child='
if os.fork() == 0:
    tell("READY=1")
    os._exit(0)
time.sleep(0.4)
print("main ends", flush=True)'
for who in main all; do
  plan <<END
service a
type notify
notify $who
$(python "$child")
END
  init_run
  case $who in
  main) says err.txt 'before it was ready' ;;
  all) says err.txt 'a: started' ;;
  esac
done

# Another process becomes the main one.
plan <<END
service a
type notify
notify main
$(python '
pid = os.fork()
if pid == 0:
    time.sleep(0.5)
    os._exit(9)
tell("MAINPID=%d" % pid)
os._exit(0) if False else tell("READY=1")
time.sleep(0.1)
')
END
init_run
ends 9

# systemd's tool, which waits until its descriptor is closed.
if command -v systemd-notify >/dev/null; then
  plan <<END
service a
type notify
notify all
$(script start - 'systemd-notify --ready --status=fine; echo told; sleep 0.2')
END
  init_run
  ends 0
  says out.txt 'a: told'
  says err.txt 'a: started'
fi

# The watchdog is fed, then not: it is aborted, and starts again.
plan <<END
service fed
restart on-watchdog
restart-delay 0
start-limit 2 60000
watchdog 600
notify main
exec start - /usr/bin/env env python3 $work/feed.py
END
cat >feed.py <<'END'
import os, socket, sys, time
assert os.environ['WATCHDOG_USEC'] == '600000'
assert os.environ['WATCHDOG_PID'] == str (os.getpid ())
s = socket.socket (socket.AF_UNIX, socket.SOCK_DGRAM)
path = os.environ['NOTIFY_SOCKET']
s.connect ('\0' + path[1:] if path[0] == '@' else path)
for i in range (5):
    print ('fed', flush=True)
    s.send (b'WATCHDOG=1')
    time.sleep (0.2)
s.send (b'WATCHDOG=trigger')
time.sleep (100)
END
init_run
[ "$(grep -c '^fed: fed$' out.txt)" = 10 ] || init_fail 'not fed ten times'
[ "$(grep -c 'fed: was not heard of for 600 ms' err.txt)" = 2 ] ||
  init_fail 'the watchdog did not bark'
