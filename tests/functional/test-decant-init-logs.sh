#!/bin/sh
# What programs send to syslog and to the journal is in the container's log, as
# text or JSON; nobody waits for it.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
requires_root
requires unshare -pfm --mount-proc true
requires logger --version
requires systemd-cat --version
requires python3 --version

# A /run and a /dev of its own, with real clients of all protocols.
cat >boot.sh <<END
set -eu
mount -t tmpfs none /run
mount -t tmpfs none "$work/dev"
for device in null zero full random urandom; do
  touch "$work/dev/\$device"
  mount --bind "/dev/\$device" "$work/dev/\$device"
done
mount --move "$work/dev" /dev
exec "$init" plan
END
mkdir dev
plan <<END
journal
service logger
type oneshot
$(script start - 'logger -t tagged -p daemon.err "to syslog"
logger --rfc5424 -t modern --id=77 "by RFC 5424"
logger -t pid --id=4711 "with a number"
printf "MESSAGE=native\nPRIORITY=3\nSYSLOG_IDENTIFIER=jour\n" | logger --journald
printf "MESSAGE=by its socket\nX=1\n" | logger --journald
echo "<4>from a pipe
second line" | systemd-cat -t piped
systemd-cat -t program sh -c "echo out; echo err >&2"
echo "<3>own line"')
service python
type oneshot
after logger
exec start - /usr/bin/env env python3 $work/client.py
END
cat >client.py <<'END'
import array, os, socket, syslog, time
syslog.openlog ('py', syslog.LOG_PID)
syslog.syslog (syslog.LOG_WARNING, 'from python')
s = socket.socket (socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect ('/run/systemd/journal/socket')
text = b'first\nsecond "quoted" \xff end'
s.send (b'SYSLOG_IDENTIFIER=multi\nMESSAGE\n'
        + len (text).to_bytes (8, 'little') + text + b'\n')
# A large one in a sealed memory file, as sd_journal_send does.
fd = os.memfd_create ('x', os.MFD_ALLOW_SEALING)
os.write (fd, b'SYSLOG_IDENTIFIER=large\nMESSAGE=' + b'x' * 5000 + b'tail\n')
import fcntl
fcntl.fcntl (fd, fcntl.F_ADD_SEALS, 15)
s.sendmsg ([], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array ('i', [fd]))])
# What is no message, and what lies about its size.
for bad in (b'', b'\n', b'MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff', b'A=1\n',
            b'MESSAGE\n', b'PRIORITY=9\nMESSAGE=high\n'):
    s.send (bad)
fd = os.open ('/dev/zero', os.O_RDONLY)
s.sendmsg ([], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array ('i', [fd]))])
d = socket.socket (socket.AF_UNIX, socket.SOCK_DGRAM)
d.connect ('/dev/log')
for bad in (b'<', b'<>', b'<999999>x', b'<13>', b'<13>1 ', b'<13>1 - - - - - [', b'<13>a]: b'):
    d.send (bad)
streams = [socket.socket (socket.AF_UNIX) for i in range (70)]
for one in streams:
    one.connect ('/run/systemd/journal/stdout')
streams[0].send (b'half\n\n5\n1\n0\n0\n0\nno newline')
for one in streams:
    one.close ()
start = time.time ()
for i in range (30000):
    d.send (b'<13>flood: line')
assert time.time () - start < 8
syslog.syslog ('after the flood')
time.sleep (1.5)
syslog.syslog ('calm again')
END

run () { timeout 60 unshare -pfm --mount-proc "$@" >out.txt 2>err.txt || :; }
run sh boot.sh
says out.txt '^tagged: to syslog$'
says out.txt '^modern: by RFC 5424$'
says out.txt '^pid: with a number$'
says out.txt '^jour: native$'
says out.txt '^(logger: )?by its socket$'
says out.txt '^piped: from a pipe$'
says out.txt '^piped: second line$'
says out.txt '^program: out$'
says out.txt '^program: err$'
says out.txt '^logger: own line$'
says out.txt '^py: from python$'
says out.txt '^multi: first$'
says out.txt '^large: x*tail$'
says out.txt '^half: no newline$'
says out.txt '^py: calm again$'
says out.txt '^flood: line$'
says err.txt '[0-9]+ lines of logs were lost: there were too many'
says err.txt 'python: started'

run env DECANT_LOG=json sh boot.sh
grep -v flood out.txt >few.txt
python3 - few.txt err.txt <<'END' || init_fail 'not the right JSON'
import json, sys
lines = [json.loads (l) for l in open (sys.argv[1], encoding='utf-8')]
def one (message):
    found = [l for l in lines if l['message'] == message]
    assert len (found) == 1, (message, found)
    return found[0]
assert one ('to syslog')['priority'] == 3
assert one ('to syslog')['identifier'] == 'tagged'
assert one ('by RFC 5424')['pid'] == 77
assert one ('with a number')['pid'] == 4711
assert one ('native')['priority'] == 3
assert one ('from a pipe')['priority'] == 4
own = one ('own line')
assert own['service'] == 'logger' and own['priority'] == 3, own
assert one ('second "quoted" \ufffd end')['identifier'] == 'multi'
assert own['time'][:2] == '20' and own['time'][-1] == 'Z'
said = [json.loads (l) for l in open (sys.argv[2], encoding='utf-8')]
assert any (l['message'] == 'started' and l['service'] == 'python' for l in said)
END
