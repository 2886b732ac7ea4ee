#!/bin/sh
# As PID 1: nothing becomes a zombie, /run is empty as after a boot but mounts
# in it are left alone, the notify socket is a file, and at the end nobody is
# left.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
requires_root
requires unshare -pfm --mount-proc true
requires mount --version

# The init in namespaces of its own, with a /run of its own in which a
# runtime mounted something; SCRIPT is run inside before it.
mkdir fs
cat >boot.sh <<END
set -eu
mount -t tmpfs none "$work/fs"
mkdir "$work/fs/run" "$work/fs/host" # one file system, as with --rootfs
mount --bind "$work/fs/run" /run
mkdir /run/old /run/old/deep /run/secrets /run/bound /run/old/bound
touch /run/file /run/old/deep/file "$work/fs/host/precious"
mount -t tmpfs none /run/secrets
touch /run/secrets/key
mount --bind "$work/fs/host" /run/bound
mount --bind "$work/fs/host" /run/old/bound
exec "$init" plan
END

plan <<END
tmpfile D /run 0755 0 0
tmpfile d /run/lock 1777 0 0
tmpfile d /run/deep/er 0750 65534 65533
tmpfile f /run/motd 0640 65534 0 hello%20there
tmpfile L $work/link 0777 0 0 /run/motd
tmpfile d /proc/no 0755 0 0
service look
type oneshot
$(script start - 'ls -A /run | sort | xargs; ls /run/secrets /run/bound /run/old/bound; ls -A /run/old
stat -c "%a %u %g %n" /run /run/lock /run/deep /run/deep/er /run/motd
cat /run/motd; echo; readlink '"$work"'/link')
service shell
after look
type notify
notify main
$(script start n 'echo $NOTIFY_SOCKET; stat -c %a $NOTIFY_SOCKET; exit 0')
END
unshare -pfm --mount-proc sh boot.sh >out.txt 2>err.txt || :
says out.txt '^look: bound decant deep lock motd old secrets$'
says out.txt '^look: key$'
[ "$(grep -c '^look: precious$' out.txt)" = 2 ] || init_fail 'a mount is empty'
silent out.txt '^look: (file|deep)$'
says out.txt '^look: 755 0 0 /run$'
says out.txt '^look: 1777 0 0 /run/lock$'
says out.txt '^look: 755 0 0 /run/deep$'
says out.txt '^look: 750 65534 65533 /run/deep/er$'
says out.txt '^look: 640 65534 0 /run/motd$'
says out.txt '^look: hello there$'
says out.txt '^look: /run/motd$'
says out.txt '^shell: /run/decant/shell.notify$'
says out.txt '^shell: 666$'
says err.txt "cannot make '/proc/no': No such file or directory"

# A thousand orphans: each is reaped when it ends, by the keeper or by us.
# podman exec enters like nsenter does; what it leaves behind is PID 1's.
cat >boot.sh <<END
mount -t tmpfs none /run
exec "$init" plan
END
plan <<END
service orphans
$(script start n 'i=0
while [ $i -lt 1000 ]; do i=$((i + 1)); (sh -c "sleep 0.1" & ); done
echo all
sleep 0.5
exec sleep 97.1')
END
unshare -pfm --mount-proc sh boot.sh >out.txt 2>err.txt &
outer=$!
cleanup "kill -KILL $outer 2>/dev/null"
awaits out.txt 'orphans: all'
inner=$(pgrep -P $outer)
sleep 0.5
nsenter -t "$inner" -p -m sh -c 'sleep 0.1 & sleep 0.1 & sleep 97.2'$$' & exit 0' </dev/null >/dev/null 2>&1
sleep 1
nsenter -t "$inner" -p -m ps -eo stat=,args= >processes.txt
says processes.txt 'sleep 97.2'
! grep '^Z' processes.txt || init_fail 'there are zombies'
kill -TERM "$inner"
init_pid=$outer
init_end
ends 0
gone 97.1 97.2

# A keeper that is killed: its service counts as failed.
plan <<END
service lost
$(script start - 'exec sleep 97.3')
service other
$(script start - 'echo up; exec sleep 97.4')
END
unshare -pfm --mount-proc sh boot.sh >out.txt 2>err.txt &
outer=$!
cleanup "kill -KILL $outer 2>/dev/null"
awaits out.txt 'other: up'
awaits err.txt 'lost: started'
inner=$(pgrep -P $outer)
kill -KILL "$(pgrep -P "$inner" | head -1)"
awaits err.txt 'lost: its keeper was killed by signal 9'
kill -TERM "$inner"
init_pid=$outer
init_end
ends 0
