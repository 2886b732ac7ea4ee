#!/bin/sh
# Every service type is up when it says so, and not before; who comes after
# waits for that.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
requires setsid true

# A oneshot runs its commands one after another, each must succeed.
plan <<END
service one
type oneshot
$(script pre - 'echo 1')
$(script start - 'sleep 0.2; echo 2')
$(script start i 'echo 3; exit 9')
$(script start - 'echo 4')
$(script post - 'echo 5')
$(script stop - 'echo 6')
$(script stop-post - 'echo 7 $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS')
service next
type oneshot
after one
$(script start - 'echo up')
END
init_run
ends 0
printf 'one: %s\n' 1 2 3 4 5 >expected.txt
[ "$(grep -v -e next -e 'one: [67]' out.txt)" = "$(cat expected.txt)" ] ||
  init_fail 'not the commands of a oneshot'
before out.txt '^one: 5$' '^next: up$'
before out.txt '^one: 6$' '^one: 7 success exited 0$'

# One that fails stops at the failure; who needs it does not start, who only
# comes after does.
plan <<END
service bad
type oneshot
$(script pre - 'echo pre')
$(script start - 'exit 5')
$(script start - 'echo never')
$(script stop - 'echo never')
$(script stop-post - 'echo $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS')
service needs
type oneshot
needs bad
$(script start - 'echo never')
service after
type oneshot
after bad
$(script start - 'echo up')
END
init_run
ends 5
silent out.txt never
says out.txt '^bad: exit-code exited 5$'
says out.txt '^after: up$'
says err.txt "bad: '/bin/sh' ended with status 5"
says err.txt 'needs: not started: it needs bad, which failed'

# RemainAfterExit: stays up, its ExecStop= runs at the end.
plan <<END
service remains
type oneshot
remain
$(script start - 'echo up')
$(script stop - 'echo down')
service other
after remains
$(script start - 'sleep 0.5')
$(script stop-post - 'echo gone')
END
init_run
ends 0
prints 'remains: up
other: gone
remains: down'

# A failure that is ignored ("-") is success, of a last or only command too.
plan <<END
service one
type oneshot
remain
$(script start i 'exit 9')
$(script stop - 'echo down')
service main
restart on-failure
$(script start i 'exit 9')
END
init_run
ends 0
prints 'one: down'
says err.txt 'main: ended with status 9'
silent err.txt failed

# simple and exec: up when the program runs, which is not a script's end.
plan <<END
service simple
$(script start - 'echo running; sleep 0.5; echo done')
service exec
type exec
after simple
$(script start - 'echo running')
END
init_run
before out.txt '^exec: running' '^simple: done'

# A program that does not exist is a failure of both.
plan <<END
service simple
exec start - /no/program program
service exec
type exec
exec start - /no/program program
service needs
type oneshot
needs simple
$(script start - 'echo never')
END
init_run
ends 203
says err.txt "simple: cannot execute /no/program: No such file or directory"
says err.txt "exec: cannot execute /no/program: No such file or directory"
silent out.txt never

# forking with a PID file: the daemon, which left its parent and its session,
# is the main process although the file comes late.
daemon='echo $$ >pid.new; mv pid.new daemon.pid; sleep 0.5; echo ends; exit 3'
plan <<END
service forking
type forking
pidfile $work/daemon.pid
chdir - $work
$(script start n "(sleep 0.2; exec setsid sh -ec '$daemon') & ")
service next
type oneshot
after forking
chdir - $work
$(script start n 'cat daemon.pid; echo up')
END
echo 1 >daemon.pid # of another life
init_run
ends 3
pid=$(sed -n 's/^next: \([0-9]*\)$/\1/p' out.txt)
says err.txt "forking: started, process $pid\$"
before out.txt '^next: up' '^forking: ends'
says err.txt 'forking: ended with status 3'
[ ! -e daemon.pid ] || fail 'the PID file stays'

# Without one: the only process there is; if there are several, the service
# is up as long as any of them.
plan <<END
service guess
type forking
$(script start n 'setsid sh -c "sleep 0.3; exit 4" & ')
service group
type forking
$(script start n 'setsid sleep 0.3 & setsid sh -c "sleep 0.6; echo last" & ')
END
init_run
ends 4
says err.txt 'guess: started, process [0-9]+$'
says err.txt 'group: started$'
says out.txt 'group: last'

# The first process fails, or leaves nothing behind.
plan <<END
service fails
type forking
$(script start n 'exit 6')
service empty
type forking
pidfile $work/none.pid
$(script start n 'exit 0')
END
init_run
says err.txt "fails: '/bin/sh' ended with status 6"
says err.txt "empty: left no process and no '$work/none.pid'"
says err.txt 'fails: failed'
says err.txt 'empty: failed'

# It does not come up in its time: the PID file never appears.
plan <<END
service late
type forking
pidfile $work/none.pid
timeout-start 300
$(script start n 'sleep 60 & ')
END
init_run
ends 1
says err.txt 'late: is not through with starting after 300 ms'

# A condition that is not true is no failure.
plan <<END
service skipped
condition exists - $work/no
$(script start - 'echo never')
service negated
condition exists n $work/plan
$(script start - 'echo never')
service either
type oneshot
condition exists t $work/no
condition glob t $work/pl?n
condition filled-file - $work/plan
condition directory - $work
needs skipped
$(script start - 'echo up')
END
init_run
ends 0
prints 'either: up'
says err.txt "skipped: not started: condition 'exists $work/no' is not true"
says err.txt "negated: not started: condition 'exists not $work/plan' is not"
