#!/bin/sh
# What services that are tied to each other do with each other: who starts,
# stops and is reloaded because another one did.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"

# OnFailure=, OnSuccess=: not at the beginning, but then, and told why.
outcome='echo $MONITOR_UNIT $MONITOR_SERVICE_RESULT $MONITOR_EXIT_CODE'
outcome="$outcome \$MONITOR_EXIT_STATUS"
plan <<END
service bad
tie failure on-failure
tie success never
restart on-failure
restart-delay 0
start-limit 3 60000
$(script start - 'echo try; exit 3')
service shot
type oneshot
tie failure on-kill
$(script start - 'kill -KILL $$$$')
service good
type oneshot
tie success on-success
$(script start - 'true')
service on-failure
type oneshot
on-demand
$(script start - "$outcome")
service on-kill
type oneshot
on-demand
$(script start - "$outcome")
service on-success
type oneshot
on-demand
$(script start - "$outcome")
service never
type oneshot
on-demand
$(script start - 'echo never')
END
init_run
says out.txt '^on-failure: bad.service exit-code exited 3$'
says out.txt '^on-kill: shot.service signal killed KILL$'
says out.txt '^on-success: good.service success exited 0$'
says err.txt 'bad: starts on-failure'
[ "$(grep -c 'bad: try' out.txt)" = 3 ] || init_fail 'not three tries'
[ "$(grep -c '^on-failure:' out.txt)" = 1 ] || init_fail 'called too often'
silent out.txt never

# Pulled in by who starts at the beginning, before it; BindsTo= ends with it;
# Upholds= starts again, but for the start limit.
plan <<END
service wants
tie wants wanted
after wanted
tie upholds upheld
$(script start - 'echo up; until [ -e end ]; do sleep 0.05; done')
chdir - $work
service wanted
type oneshot
on-demand
$(script start - 'echo first')
service bound
tie binds wants
kill-signal 15
$(script start - 'trap "echo bye; exit 0" TERM; touch bound; while :; do sleep 0.05; done')
chdir - $work
service upheld
on-demand
start-limit 3 60000
$(script start - 'echo again')
END
init_start
awaits out.txt '^wants: up$'
before out.txt '^wanted: first$' '^wants: up$'
awaits err.txt 'upheld: not started: more than 3 starts'
[ "$(grep -c '^upheld: again$' out.txt)" = 3 ] || init_fail 'not three times'
while [ ! -e bound ]; do sleep 0.05; done
kill -0 "$init_pid" || init_fail 'it ended'
touch end
init_end
says out.txt '^bound: bye$'

# Conflicts=: the one that starts later wins, the other is stopped before.
plan <<END
service first
tie failure second
type oneshot
after one
chdir - $work
$(script start - 'until [ -e there ]; do sleep 0.05; done; exit 1')
service one
chdir - $work
$(script start - 'trap "echo gone; exit 0" TERM; touch there; while :; do sleep 0.05; done')
service second
type oneshot
on-demand
tie conflicts one
$(script start - 'echo alone')
END
init_run
before out.txt '^one: gone$' '^second: alone$'

# Reload: those that can be, one that fails stays up, one that hangs too.
plan <<END
service can
chdir - $work
$(script start - 'exec sleep 97.1')
$(script reload - 'echo reload $MAINPID; [ ! -e refuse ]')
service cannot
$(script start - 'exec sleep 97.2')
service hangs
timeout-start 300
$(script start - 'exec sleep 97.3')
$(script reload - 'exec sleep 98')
END
init_start
awaits err.txt 'hangs: started'
awaits err.txt 'cannot: started'
awaits err.txt ' can: started'
kill -HUP "$init_pid"
awaits err.txt ' can: reloaded'
says out.txt '^can: reload [0-9]+$'
awaits err.txt 'hangs: is not through with reloading after 300 ms'
awaits err.txt 'hangs: could not be reloaded'
touch refuse
kill -HUP "$init_pid"
awaits err.txt ' can: could not be reloaded'
is_asleep 97.1 && is_asleep 97.2 && is_asleep 97.3 || init_fail 'one is gone'
init_stop
ends 0
gone 97.1 97.2 97.3 98
