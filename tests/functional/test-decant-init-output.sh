#!/bin/sh
# What services write is passed on as lines with their names: whole, split
# when long, the last one also without its end; a reader who is slow or gone
# stops nobody.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"

plan <<END
service a
type oneshot
$(script start - 'echo one; echo two >&2; printf "three\n\nfive"')
END
init_run
prints 'a: one
a: two
a: three
a: 
a: five'

# A long line comes in pieces, nothing is lost.
plan <<END
service long
type oneshot
$(script start - 'head -c 10000 /dev/zero | tr "\\0" x; echo; echo end')
END
init_run
[ "$(grep -c '^long: x' out.txt)" = 4 ] || init_fail 'not split in four'
[ "$(tr -cd x <out.txt | wc -c)" = 10000 ] || init_fail 'bytes are lost'
says out.txt '^long: end$'

# Two services at once: 20000 lines, each whole.
lines='i=0; while [ $i -lt 10000 ]; do i=$((i + 1)); echo line $i is whole; done'
plan <<END
service a
type oneshot
$(script start - "$lines")
service b
type oneshot
$(script start - "$lines")
END
"$init" plan 2>err.txt | sort >out.txt
[ "$(wc -l <out.txt)" = 20000 ] || fail "$(wc -l <out.txt) lines, not 20000"
[ "$(grep -cE '^[ab]: line [0-9]+ is whole$' out.txt)" = 20000 ] ||
  fail 'lines are mixed'

# Nobody reads: the service waits, the init still stops in time.
mkfifo slow
plan <<END
service a
timeout-stop 2000
$(script start - 'while :; do echo much to say, and nobody to hear it; done')
END
sleep 60 <slow &
reader=$!
cleanup "kill $reader 2>/dev/null"
"$init" plan >slow 2>err.txt &
init_pid=$!
sleep 0.5
init_stop
ends 0
says err.txt 'a: stopped'
kill "$reader"

# Nobody reads any more: the service goes on.
plan <<END
service a
type oneshot
$(script start - "$lines; touch $work/through")
END
"$init" plan 2>err.txt | head -1 >out.txt
[ "$(cat out.txt)" = 'a: line 1 is whole' ] || fail 'not the first line'
[ -e through ] || fail 'the service ended with its reader'
