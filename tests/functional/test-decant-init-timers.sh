#!/bin/sh
# Services that the clock and changed files start.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
requires_root # the stamps of timers lie in /var/lib/systemd/timers

stamp=/var/lib/systemd/timers/stamp-decant-test-$$.timer
cleanup "rm -f '$stamp'"

# Once after the start; again and again, after the end; the next second by the
# calendar; what was missed; what is over.
mkdir -p "${stamp%/*}"
touch -d '2 days ago' "$stamp"
plan <<END
service once
type oneshot
on-demand
$(script start - 'echo ran')
timer once
starts once
elapse boot 300
service again
type oneshot
on-demand
start-limit 0 0
$(script start - 'sleep 0.2; echo ran')
timer again
starts again
elapse active 100
elapse unit-inactive 200
service second
type oneshot
on-demand
$(script start - 'date +%-S')
timer second
starts second
calendar - 7f * 1ffe fffffffe ffffff fffffffffffffff fffffffffffffff
service missed
type oneshot
on-demand
$(script start - 'echo ran')
timer decant-test-$$
starts missed
calendar UTC 7f * 1ffe fffffffe 1 1 1
persistent
random-delay 10
END
init_start
awaits out.txt '^once: ran'
awaits out.txt '^missed: ran'
awaits out.txt '^second: [0-9]+'
i=0
until [ "$(grep -c '^again: ran' out.txt)" -ge 3 ]; do
  i=$((i + 1))
  [ $i -lt 400 ] || init_fail "not again"
  sleep 0.05
done
init_stop
ends 0
[ "$(grep -c '^once: ran' out.txt)" = 1 ] || init_fail "once is not once"
[ "$(grep -c '^missed: ran' out.txt)" = 1 ] || init_fail "missed once"
[ -n "$(find "$stamp" -mmin -2)" ] || init_fail "the stamp is old"

# Remembered: it is not due any more; a timer that is over ends the init.
plan <<END
service missed
type oneshot
on-demand
$(script start - 'echo ran')
service once
type oneshot
on-demand
$(script start - 'echo ran')
timer decant-test-$$
starts missed
calendar UTC 7f 000000000001 1ffe fffffffe 1 1 1
persistent
timer once
starts once
elapse boot 100
END
init_run
ends 0
says out.txt '^once: ran'
silent out.txt '^missed:'

# Files.
mkdir -p in
plan <<END
service exists
type oneshot
on-demand
$(script start - "echo ran; rm -r $work/deep")
path exists
starts exists
watch exists $work/deep/er/file
service glob
type oneshot
on-demand
$(script start - "ls $work/in; rm $work/in/*")
path glob
starts glob
watch glob $work/in/*.job
service changed
type oneshot
on-demand
$(script start - "cat $work/changed")
path changed
starts changed
watch changed $work/changed
service filled
type oneshot
on-demand
start-limit 0 0
$(script start - "ls $work/spool/box; test -e $work/keep || rm -f $work/spool/box/*")
path filled
starts filled
watch filled $work/spool/box
make-folder
folder-mode 0700
trigger-limit 20 60000
END
init_start
i=0
until [ -d spool/box ]; do
  sleep 0.05
  i=$((i + 1))
  [ $i -lt 400 ] || init_fail "the folder is not made"
done
[ "$(stat -c %a spool/box)" = 700 ] || init_fail "its mode"
mkdir -p deep/er
: >deep/er/file
awaits out.txt '^exists: ran'
: >in/a.other
: >in/b.job
awaits out.txt '^glob: b.job'
echo one >changed
awaits out.txt '^changed: one'
sleep 0.3
echo two >new
mv new changed
awaits out.txt '^changed: two'
: >spool/box/x1
awaits out.txt '^filled: x1'
awaits err.txt '^decant-init: filled: ended|filled: started'
mkdir -p deep/er
: >deep/er/file
i=0
until [ "$(grep -c '^exists: ran' out.txt)" = 2 ]; do
  i=$((i + 1))
  [ $i -lt 400 ] || init_fail "not there again"
  sleep 0.05
done
# A service that leaves the file is not started for ever.
: >keep
: >spool/box/x2
awaits err.txt 'filled: given up: more than 20 starts in 60000 ms'
init_stop
ends 0

# A service that was up and down again while the init did not look was up, too.
plan <<END
service a
type oneshot
$(script start - 'echo x >>starts; echo start $(wc -l <starts); [ $(wc -l <starts) -gt 1 ] || kill -STOP $(cut -d" " -f4 /proc/$PPID/stat)' | sed "s|^|chdir - $work\n|")
timer t
starts a
elapse unit-inactive 100
END
init_start
sleep 0.5
kill -CONT "$init_pid"
awaits out.txt 'a: start 2'
init_stop
ends 0
