#!/bin/sh
# Restart= starts a service again when it should and stops when it is too
# often; thousands of restarts cost no memory and no descriptor.
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

# Thousands of restarts, with all that is made for each.  RESTARTS: how many;
# what is too much after them was already there after a thousand.
restarts=${RESTARTS:-5000}
echo A=1 >env.conf
plan <<END
service often
restart always
restart-delay 0
start-limit 0 0
folder runtime 0755 $work/run
envfile - $work/env.conf
env B=1 C=2
exec start - /bin/echo echo \$A \${B} again
END
init_start
awaits out.txt often
keeper=$(pgrep -P "$init_pid")
# memory: of PID 1 and of the keeper.
memory () {
  for pid in "$init_pid" "$keeper"; do
    awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status"
  done | xargs
}
descriptors () { ls "/proc/$init_pid/fd" "/proc/$keeper/fd" | wc -l; }
# runs COUNT: wait until it ran so often.
runs () {
  until [ "$(grep -c '^often: 1 1 again$' out.txt)" -ge "$1" ]; do
    kill -0 "$init_pid" || init_fail 'it ended'
    sleep 0.2
  done
}
runs 1000 # by then every page was touched once
memory_before=$(memory)
descriptors_before=$(descriptors)
runs "$restarts"
memory_after=$(memory)
echo "kB of PID 1 and keeper after 1000 restarts: $memory_before, after" \
  "$restarts: $memory_after"
# A leak of 8 bytes would be seen; the sample may meet a running command.
for i in 1 2; do
  before=$(echo "$memory_before" | cut -d' ' -f$i)
  after=$(echo "$memory_after" | cut -d' ' -f$i)
  [ "$after" -le $((before + 8)) ] ||
    init_fail "$after kB after $restarts restarts, $before after 1000"
done
[ "$(descriptors)" -le $((descriptors_before + 4)) ] ||
  init_fail "$(descriptors) descriptors, before $descriptors_before"
init_stop
ends 0
[ ! -e run ] || fail 'the folder stays'
