#!/bin/sh
# Restart= starts a service again when it should and stops when it is too
# often; a thousand restarts cost no memory and no descriptor.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"

# The third start is told from the first by a file.
plan <<END
service a
restart on-failure
restart-delay 200
chdir - $work
$(script start - 'echo x >>count; echo start $(wc -l <count); [ $(wc -l <count) -gt 2 ]')
END
start_ms=$(date +%s%3N)
init_run
end_ms=$(date +%s%3N)
ends 0
says out.txt 'a: start 3'
silent out.txt 'a: start 4'
[ $((end_ms - start_ms)) -ge 400 ] || init_fail 'it did not wait'

# Not after a status that forbids it; after one that demands it.
plan <<END
service no
restart always
restart-prevent 255
$(script start - 'echo start; exit 255')
service yes
chdir - $work
restart-force 42
$(script start - 'echo start; [ -e forced ] || { touch forced; exit 42; }')
END
init_run
[ "$(grep -c 'no: start' out.txt)" = 1 ] || init_fail 'started again'
[ "$(grep -c 'yes: start' out.txt)" = 2 ] || init_fail 'not started again'

# A crash loop ends; who came after it started after the first try, who needs
# it did not start at all.
plan <<END
service loop
restart always
restart-delay 50
start-limit 4 60000
$(script pre - 'echo start; exit 7')
$(script start - 'echo never')
service after
type oneshot
after loop
$(script start - 'echo up')
service needs
type oneshot
needs loop
$(script start - 'echo never')
END
init_run
ends 1
[ "$(grep -c 'loop: start' out.txt)" = 4 ] || init_fail 'not four starts'
says err.txt 'loop: not started: more than 4 starts in 60000 ms'
before out.txt 'loop: start' 'after: up'
[ "$(grep -n 'after: up' out.txt | cut -d: -f1)" -lt 5 ] ||
  init_fail 'it waited for all the tries'
silent out.txt never

# A failed start that succeeds at last: who needs it waits.
plan <<END
service at-last
restart on-failure
type forking
chdir - $work
restart-delay 50
$(script start n '[ -e there ] || { touch there; exit 1; }; sleep 0.5 & ')
service needs
type oneshot
needs at-last
$(script start - 'echo up')
END
init_run
says out.txt 'needs: up'
before err.txt 'at-last: .*status 1' 'at-last: started'

# A thousand restarts, with all that is made for each.
echo A=1 >env.conf
plan <<END
service often
restart always
restart-delay 0
start-limit 0 0
folder runtime 0755 $work/run
envfile - $work/env.conf
env B=1 C=2
exec pre - /bin/true true
exec start - /bin/echo echo \$A \${B} again
END
init_start
awaits out.txt often
keeper=$(pgrep -P "$init_pid")
memory () { awk '/^VmRSS:/ { print $2 }' "/proc/$keeper/status"; }
descriptors () { ls "/proc/$keeper/fd" | wc -l; }
# runs COUNT: wait until it ran so often.
runs () {
  until [ "$(grep -c '^often: 1 1 again$' out.txt)" -ge "$1" ]; do
    kill -0 "$init_pid" || init_fail 'it ended'
    sleep 0.1
  done
}
runs 200 # by then every page was touched once
memory_before=$(memory)
descriptors_before=$(descriptors)
runs 1200
# A leak of 16 bytes would be seen; the sample may meet a running command.
[ "$(memory)" -le $((memory_before + 8)) ] ||
  init_fail "$(memory) kB after 1000 restarts, before $memory_before"
[ "$(descriptors)" -le $((descriptors_before + 2)) ] ||
  init_fail "$(descriptors) descriptors, before $descriptors_before"
init_stop
ends 0
[ ! -e run ] || fail 'the folder stays'
