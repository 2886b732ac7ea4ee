#!/bin/sh
# Services stop in reverse order, each by its own means and in its own time,
# and nothing of them is left.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
requires setsid true

# Order, and the commands of the end.
for signal in TERM INT 37; do
  plan <<END
service db
kill-mode mixed
$(script start - 'trap "sleep 0.3; echo bye; exit 0" TERM; sleep 98.11 & wait')
service web
after db
kill-mode mixed
$(script start - 'trap "sleep 0.3; echo bye; exit 0" TERM; echo up; sleep 98.12 & wait')
$(script stop n 'echo stopping $MAINPID')
$(script stop-post - 'echo stopped $SERVICE_RESULT')
END
  init_start
  awaits out.txt 'web: up'
  init_stop $signal
  ends 0
  before out.txt '^web: stopping [0-9]+$' '^web: bye$'
  before out.txt '^web: bye$' '^web: stopped success$'
  before out.txt '^web: stopped success$' '^db: bye$'
  says err.txt 'db: stopped'
done
gone 98.11 98.12

# SIGHUP is no reason to stop.
init_start
awaits out.txt 'web: up'
kill -HUP "$init_pid"
awaits err.txt 'SIGHUP'
silent err.txt 'stopping'
init_stop
ends 0

# Who does not hear SIGTERM gets SIGKILL after its time; so does who does not
# start.
plan <<END
service deaf
timeout-stop 400
$(script start - 'trap "" TERM; echo up; sleep 98.21 & while :; do wait; done')
service slow
type oneshot
$(script start - 'sleep 98.22')
END
init_start
awaits out.txt 'deaf: up'
init_stop
ends 0
says err.txt 'deaf: is not through with ending after 400 ms'
gone 98.21 98.22

# Another signal; a stopped process is woken.
plan <<END
service quit
kill-signal 3
$(script start n 'trap "echo quit; exit 0" QUIT; echo up; kill -STOP $$; sleep 1')
END
init_start
awaits out.txt 'quit: up'
init_stop
ends 0
says out.txt 'quit: quit'

# What left parent, group and session is the service's nevertheless.
family='(setsid sh -c "sleep 98.31 & sleep 98.32" & ) ; sleep 98.33 & echo up; wait'
plan <<END
service all
$(script start - "$family")
END
init_start
awaits out.txt 'all: up'
init_stop
ends 0
gone 98.31 98.32 98.33

# mixed: only the main process is asked, the others are killed.
plan <<END
service mixed
kill-mode mixed
$(script start - 'setsid sh -c "trap \"echo asked\" TERM; sleep 98.41" & trap "echo main; exit 0" TERM; sleep 0.2; echo up; wait')
END
init_start
awaits out.txt 'mixed: up'
init_stop
ends 0
says out.txt 'mixed: main'
silent out.txt asked
gone 98.41

# process: the others stay, until everything ends.
plan <<END
service process
kill-mode process
restart always
restart-delay 0
start-limit 2 60000
$(script start n 'pgrep -x -c -f "$(echo sleep 98.51)" || :; setsid sleep 98.51 & sleep 0.3')
service waits
$(script start - 'sleep 98.52')
END
init_start
awaits err.txt 'process: failed'
says out.txt 'process: 0'
says out.txt 'process: 1'
is_asleep 98.51 || init_fail 'the others did not stay'
init_stop
ends 0
gone 98.51 98.52

# none: only ExecStop= acts.
plan <<END
service none
kill-mode none
$(script start - 'echo up; exec sleep 98.61')
$(script stop n 'kill -9 $MAINPID')
END
init_start
awaits out.txt 'none: up'
init_stop
ends 0
gone 98.61

# A main process that ends takes the others along, at once.
plan <<END
service ends
$(script start - '(setsid sleep 98.71 & ); echo up; exit 2')
$(script stop-post - 'echo post $EXIT_STATUS')
service waits
$(script start - 'exec sleep 98.72')
END
init_start
awaits err.txt 'ends: failed'
gone 98.71
says out.txt 'ends: post 2'
init_stop
ends 0
gone 98.72

# ExecStop= that hangs is cut short.
plan <<END
service hangs
timeout-stop 300
$(script start - 'echo up; exec sleep 98.81')
$(script stop - 'exec sleep 98.82')
$(script stop-post - 'exec sleep 98.83')
END
init_start
awaits out.txt 'hangs: up'
init_stop
ends 0
gone 98.81 98.82 98.83

# An essential service that fails ends everything with 1; another does not.
plan <<END
service minor
$(script start - 'exit 3')
service major
essential
$(script start - 'sleep 0.5; exit 4')
service other
kill-mode mixed
$(script start - 'trap "echo asked; exit 0" TERM; sleep 98.91 & wait')
END
init_run
ends 1
says err.txt 'major: is essential: stopping everything'
says out.txt 'other: asked'
gone 98.91

# Killed by a signal.
plan <<END
service killed
$(script start n 'kill -9 $$')
END
init_run
ends 137
says err.txt 'killed: was killed by signal 9'

# We are killed ourselves: the services do not outlive us.
plan <<END
service orphan
$(script start - 'echo up; exec sleep 98.95')
END
init_start
awaits out.txt 'orphan: up'
kill -KILL "$init_pid"
init_end 2>/dev/null
awaits err.txt 'orphan: stopped'
gone 98.95
