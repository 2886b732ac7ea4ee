#!/bin/sh
# Orders and questions to a decant-init that runs: its own verbs, and those of
# systemctl, with the words and the exit statuses that scripts rely on.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"

DECANT_CONTROL=$work/control
export DECANT_CONTROL
ln -s "$init" systemctl
ln -s "$init" service

# gives STATUS TEXT COMMAND...: it exits so and prints that.
gives () {
  want_status=$1
  want_text=$2
  shift 2
  got_status=0
  got_text=$("$@" 2>&1) || got_status=$?
  [ "$got_status" = "$want_status" ] ||
    init_fail "'$*' exited with $got_status, not $want_status: $got_text"
  [ "$got_text" = "$want_text" ] || init_fail "'$*' says '$got_text'"
}
# quiet COMMAND...: it succeeds and says nothing.
quiet () { gives 0 '' "$@"; }

refuses 1 'does not answer' "$init" status

plan <<END
service web
alias www httpd
chdir - $work
$(script start - 'trap "echo hup" HUP; echo up $A; while :; do sleep 0.05; done')
$(script reload - '[ ! -e refuse ]; echo reload')
service db
type notify
notify all
$(script pre - "./systemctl set-environment 'FROM_PRE=a b'")
$(script start - 'echo $FROM_PRE; exec python3 -c "
import os, socket, time
s = socket.socket (socket.AF_UNIX, socket.SOCK_DGRAM)
p = os.environ[\"NOTIFY_SOCKET\"]
s.connect (\"\\0\" + p[1:] if p[0] == \"@\" else p)
s.send (b\"STATUS=takes \\\"questions\\\"\")
time.sleep (0.5)
s.send (b\"READY=1\")
time.sleep (1000)
"')
env DECANT_CONTROL=$DECANT_CONTROL
chdir - $work
service app
needs db
$(script start - 'exec sleep 97.5')
service job
on-demand
type oneshot
chdir - $work
$(script start - '[ ! -e refuse ]; echo done')
service bad
$(script start - 'exit 7')
END
init_start
awaits err.txt 'web: started'
gives 1 'db is activating (start)' "$init" ready
awaits err.txt 'app: started'
gives 1 'bad is failed (failed)' "$init" ready
says out.txt '^db: a b$' # what its ExecStartPre= set

# Questions.
gives 0 active ./systemctl is-active web
gives 0 active ./systemctl is-active www.service
quiet ./systemctl -q is-active httpd
gives 3 inactive ./systemctl is-active job
gives 4 inactive ./systemctl is-active nothing
gives 3 failed ./systemctl is-active bad
gives 0 failed ./systemctl is-failed bad
gives 0 enabled ./systemctl is-enabled web
gives 0 static ./systemctl is-enabled job
gives 1 degraded ./systemctl is-system-running
pid=$(pgrep -P "$(pgrep -P "$init_pid" | head -1)")
gives 0 "MainPID=$pid" ./systemctl show -p MainPID web
gives 0 "$pid" ./systemctl show --value --property=MainPID web.service
gives 0 "not-found" ./systemctl show -P LoadState nothing
gives 0 "ActiveState=failed
SubState=failed
Result=exit-code
ExecMainStatus=7" ./systemctl show bad -p ActiveState,SubState,Result -p ExecMainStatus
gives 0 'StatusText=takes "questions"' ./systemctl show db -p StatusText
gives 0 'bad.service loaded failed failed bad' ./systemctl --failed --no-legend
"$init" status --json >status.json
python3 - status.json <<'END' || init_fail 'not the right JSON'
import json, sys
d = {s['name']: s for s in json.load (open (sys.argv[1]))}
assert list (d) == ['web', 'db', 'app', 'job', 'bad'], list (d)
assert d['db']['status'] == 'takes "questions"' and d['db']['sub'] == 'running'
assert d['bad']['result'] == 'exit-code' and d['bad']['pid'] == 0
assert d['web']['pid'] > 0 and d['web']['since'][:2] == '20'
END
refuses 4 "there is no service 'nothing'" "$init" status nothing
gives 4 'Unit nothing.service not found.' ./systemctl status nothing.service
gives 3 '' ./systemctl -q status bad
refuses 1 'Unknown command verb' ./systemctl edit web

# Orders, which are answered when they are through.
quiet ./systemctl start job
says out.txt '^job: done$'
touch refuse
gives 1 "service 'job' failed to start" ./systemctl start job
gives 1 "service 'web' failed to reload" ./systemctl reload web
rm refuse
quiet ./systemctl reload web
says out.txt '^web: reload$'
quiet ./service web reload
gives 1 "cannot reload service 'app' as it is now" ./systemctl reload app
quiet ./systemctl reload-or-restart app
[ "$(grep -c 'app: started' err.txt)" = 2 ] || init_fail 'not restarted'
# Who needs it is stopped and started with it, in order.
quiet ./systemctl restart db
times=0
until [ "$(grep -c 'app: started' err.txt)" = 3 ]; do
  times=$((times + 1))
  [ "$times" -lt 200 ] || init_fail 'app not restarted'
  sleep 0.05
done
[ "$(grep -c 'db: started' err.txt)" = 2 ] || init_fail 'db not restarted'
quiet ./systemctl stop db
gives 3 "inactive" ./systemctl is-active db
gives 3 "inactive" ./systemctl is-active app
quiet ./systemctl try-restart app
gives 3 "inactive" ./systemctl is-active app
quiet ./systemctl --no-block start app
awaits err.txt 'app: started'
quiet ./systemctl start app
gives 0 "active
active" "$init" is-active db app
quiet ./systemctl kill -s HUP --kill-whom=main web
awaits out.txt '^web: hup$'
gives 5 'Unit nothing.service not found.' ./systemctl restart nothing
quiet ./systemctl restart 'w*'
gives 0 'What starts in this container was decided when it was converted: '"\
'enable' changes nothing." ./systemctl enable web
quiet ./systemctl daemon-reload

# Variables.
quiet ./systemctl set-environment A=1 'B=2 3'
gives 0 'FROM_PRE=a b
A=1
B=2 3' ./systemctl show-environment
quiet ./systemctl unset-environment B FROM_PRE
gives 0 'A=1' ./systemctl show-environment
quiet ./systemctl restart web
awaits out.txt '^web: up 1$'
refuses 1 'is not NAME=VALUE' ./systemctl set-environment 1=2

# Requests that are none, and clients that say nothing or go.
python3 - "$DECANT_CONTROL" <<'END' || init_fail 'a bad request is taken'
import socket, sys
def ask (data):
    s = socket.socket (socket.AF_UNIX)
    s.connect (sys.argv[1])
    s.sendall (data)
    return s
assert ask (b'jump web\n').recv (100).startswith (b'1 unknown')
assert ask (b'\n').recv (100).startswith (b'1 ')
assert ask (b'start %zz\n').recv (100).startswith (b'1 ')
assert ask (b'kill\n').recv (100).startswith (b'1 ')
assert ask (b'a ' * 4000 + b'\n').recv (100).startswith (b'1 ')
assert ask (b'x' * 8192).recv (100).startswith (b'1 the%20request%20is%20too')
ask (b'stop app\nstop web\n').close ()
silent = [ask (b'') for i in range (15)]
assert ask (b'status\n').recv (2) == b'0\n'
END
[ "$(stat -c %a "$DECANT_CONTROL")" = 600 ] || init_fail 'others may ask'

# It goes on though everything was stopped, until it is told otherwise.
./systemctl stop web db app job bad 2>/dev/null || init_fail 'not stopped'
sleep 0.3
gives 1 degraded ./systemctl is-system-running
quiet ./systemctl poweroff
init_end
ends 0
gone 97.5
