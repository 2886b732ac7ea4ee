#!/bin/sh
# What a service finds when it starts: variables, user, folders, limits, no
# descriptors of ours; and what is said when that cannot be had.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
requires_root
chmod 755 "$work"

cat >env.conf <<'END'
# comment
FROM_FILE="a b"  
B=file
END
plan <<END
service a
type oneshot
env A=1 B=plan C=$(word 'x y') HOME=/nowhere GONE=1 KEPT=1
envfile - $work/env.c?nf
envfile i $work/none
passenv PASSED NOT_SET
unsetenv GONE KEPT=2
$(script start - 'env | grep -v -e ^PWD= -e ^_= | sort')
exec start - /bin/echo echo \$C \${C} \$FROM_FILE x\${A}y \$\$A \$NONE end
exec start n /bin/echo echo \$C \${C}
exec start - /bin/sh a0 -c echo%20\$0
END
PASSED='p q' SECRET=1 init_run
ends 0
prints 'a: A=1
a: B=file
a: C=x y
a: FROM_FILE=a b
a: HOME=/nowhere
a: KEPT=1
a: PASSED=p q
a: x y x y a b x1y $A end
a: $C ${C}
a: a0'

# A missing file that is wanted, an unset variable that is not.
plan <<END
service a
envfile - $work/none
$(script start - 'echo never')
END
init_run
ends 1
says err.txt "a: environment file '$work/none' does not exist"

# User and groups by number; + keeps root; the folder is entered as the user.
mkdir secret work2
chmod 700 secret
plan <<END
service a
type oneshot
user 65534
group 65533
groups 65533 4 5
umask 0027
chdir - $work/work2
$(script pre p 'echo $(id -u):$(id -g)')
$(script start - 'echo $(id -u):$(id -g):$(id -G); umask; pwd')
service b
type oneshot
user 65534
chdir i $work/secret
$(script start - 'echo $(id -G); pwd')
service c
type oneshot
user 65534
chdir - $work/secret
$(script start - 'echo never')
END
init_run
says out.txt '^a: 0:0$'
says out.txt '^a: 65534:65533:65533 4 5$'
says out.txt '^a: 0027$'
says out.txt "^a: $work/work2\$"
says out.txt '^b: 0$'
says out.txt '^b: /$'
says err.txt "c: cannot enter folder $work/secret: Permission denied"

# The step that fails is named: no root, no groups.
if command -v setpriv >/dev/null; then
  plan <<END
service a
user 1
group 1
groups 33
$(script start - 'echo never')
END
  chmod 777 .
  setpriv --reuid=65534 --regid=65534 --clear-groups "$init" plan \
    >out.txt 2>err.txt && fail 'it got a group it may not have'
  grep -q 'a: cannot' err.txt || init_fail 'no step is named'
  chmod 755 .
fi

# Folders: made, given to the user with what is in them, runtime ones removed.
mkdir -p state/deep
touch state/deep/file
touch elsewhere
ln -s ../elsewhere state/link
plan <<END
service a
type oneshot
user 65534
group 65534
folder runtime 0750 $work/run/a $work/run/b/c
folder state 0700 $work/state
folder configuration 0755 $work/conf
$(script start - 'echo $RUNTIME_DIRECTORY; echo $STATE_DIRECTORY')
$(script start - "stat -c '%a %u %n' $work/run/a $work/run/b/c $work/state \
$work/state/deep/file $work/conf; touch $work/run/a/made")
service b
type oneshot
preserve yes
folder runtime 0755 $work/run/kept
$(script start - ':')
END
init_run
ends 0
prints "a: $work/run/a:$work/run/b/c
a: $work/state
a: 750 65534 $work/run/a
a: 750 65534 $work/run/b/c
a: 700 65534 $work/state
a: 644 65534 $work/state/deep/file
a: 755 65534 $work/conf"
[ "$(stat -c %u elsewhere)" = 0 ] || fail 'it followed a link'
[ ! -e run/a ] && [ ! -e run/b/c ] || fail 'the runtime folder stays'
[ -d run/kept ] || fail 'the folder to keep is gone'
[ -d state ] || fail 'the state is gone'

# Services that start together make the folder that theirs are in; a fourth of
# the tries had two meet there.
for service in a b c d e f g h i j k l; do
  echo "service $service
type oneshot
folder runtime 0755 $work/run/1/2/3/4/5/6/$service
$(script start - ':')"
done | plan
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
  rm -rf run/1
  init_run
  ends 0
done

# Limits: as wanted, or as near as we may.
hard=$(ulimit -Hn)
more=$((hard + 1))
plan <<END
service a
type oneshot
limit nofile 512 keep
limit core 0 0
limit fsize 1000000 infinity
$(script start - 'ulimit -Sn; ulimit -c; ulimit -Sf; ulimit -Hn')
END
init_run
says out.txt '^a: 512$'
says out.txt '^a: 0$'
says out.txt "^a: $hard\$"
plan <<END
service a
type oneshot
limit nofile $more $more
$(script start - 'ulimit -Sn')
END
init_run
ends 0
if [ "$(sed -n 's/^a: //p' out.txt)" != "$more" ]; then # may be allowed to
  says out.txt "^a: $hard\$"
  says err.txt "a: limit nofile is $hard, more is not allowed here"
fi

# stdin is empty, the output may be opened again by the user, and nothing
# else is open; no signal is blocked or ignored but SIGPIPE.
cat >fds.sh <<'END'
ls -l /proc/self/fd | sed -n 's/.* \([0-9]*\) -> .*/\1/p' | sort -n | xargs
readlink /proc/self/fd/0
echo opened >/proc/self/fd/2
exec grep -E 'SigBlk|SigIgn' /proc/self/status
END
plan <<END
service a
type oneshot
user 65534
group 65534
exec start - /bin/sh sh $work/fds.sh
service b
type oneshot
after a
sigpipe
$(script start - 'exec grep SigIgn /proc/self/status')
END
exec 7<plan 8>unwanted
init_run
exec 7<&- 8>&-
prints 'a: 0 1 2 3
a: /dev/null
a: opened
a: SigBlk:	0000000000000000
a: SigIgn:	0000000000001000
b: SigIgn:	0000000000000000'
