#!/bin/sh
# How a process is started: capabilities, priorities, streams; what the
# privileged commands are spared; and what is said when that is not allowed.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"
requires setpriv --version
requires_root
chmod 755 "$work"

# Ambient capabilities outlive the change of user, within the bounds.
status='grep -E "Cap|NoNew|^Groups" /proc/self/status | tr "\t" " "'
plan <<END
service a
type oneshot
user 65534
group 65534
groups 4
bound 401
ambient 0 cap_chown
ambient 5 cap_kill
no-new-privileges
limit nofile 512 keep
$(script pre pu "$status; ulimit -n")
$(script pre p "$status; ulimit -n")
$(script start - "$status; ulimit -n")
END
init_run
ends 0
all=$(sed -n 's/^CapBnd:\t//p' /proc/self/status)
nofile=$(ulimit -n)
prints "a: Groups: 4 
a: CapInh: 0000000000000000
a: CapPrm: $all
a: CapEff: $all
a: CapBnd: $all
a: CapAmb: 0000000000000000
a: NoNewPrivs: 0
a: $nofile
a: Groups: 4 
a: CapInh: 0000000000000001
a: CapPrm: 0000000000000401
a: CapEff: 0000000000000401
a: CapBnd: 0000000000000401
a: CapAmb: 0000000000000001
a: NoNewPrivs: 1
a: 512
a: Groups: 4 
a: CapInh: 0000000000000001
a: CapPrm: 0000000000000001
a: CapEff: 0000000000000001
a: CapBnd: 0000000000000401
a: CapAmb: 0000000000000001
a: NoNewPrivs: 1
a: 512"

# What is not there to be had is told, and done without.
sed -i -e '/^bound/d' -e 's/^limit/nice -5\nlimit/' -e '/^exec pre/d' plan
init_status=0
setpriv --bounding-set=-kill,-sys_nice,-sys_resource "$init" plan \
  >out.txt 2>err.txt || init_status=$?
ends 0
says err.txt 'a: cap_kill is not allowed here'
says err.txt 'a: its nice value is not allowed here: '
says out.txt 'a: CapEff: 0000000000000001'

# Priorities.
case $(uname -m) in
x86_64) machine=i686 ;;
*) machine=$(setarch linux32 uname -m) ;;
esac
plan <<END
service a
type oneshot
nice 5
oom-score 500
scheduler batch 0 1
cpus 0
io-priority idle 7
timer-slack 70000
coredump-filter 11
personality 8
$(script start - 'nice; cat /proc/self/oom_score_adj /proc/self/timerslack_ns \
/proc/self/coredump_filter; cut -d" " -f41 /proc/self/stat; ionice; uname -m
grep ^Cpus_allowed_list /proc/self/status | tr -d "\t"')
END
init_run
ends 0
prints "a: 5
a: 500
a: 70000
a: 00000011
a: 3
a: idle
a: $machine
a: Cpus_allowed_list:0"

# Streams: the file is opened as root, made with the umask of the service.
mkdir closed
chmod 700 closed
echo input >closed/input
echo old content >closed/append
echo old content >closed/truncate
plan <<END
service a
type oneshot
user 65534
group 65534
umask 0077
stdin file $work/closed/input
stdout append $work/closed/append
stderr truncate $work/closed/truncate
$(script start - 'cat; echo error >&2')
service b
type oneshot
after a
umask 0027
stdin data $(word 'some data')
stdout file $work/closed/new
$(script start - 'cat; echo; echo error >&2')
service c
type oneshot
after b
stdout null
stderr log
$(script start - 'echo lost; echo error >&2')
service d
type oneshot
after c
stderr null
$(script start - 'echo kept; echo error >&2')
END
init_run
ends 0
prints 'c: error
d: kept'
compare () {
  [ "$(cat "closed/$1")" = "$2" ] || init_fail "$1 holds '$(cat "closed/$1")'"
}
compare append 'old content
input'
compare truncate error
compare new 'some data
error'
[ "$(stat -c %a closed/new)" = 640 ] || fail 'the umask is not applied'

# A file that cannot be opened is a reason.
plan <<END
service a
stdin file $work/none
$(script start - 'echo never')
END
init_run
ends 208
says err.txt "a: cannot open $work/none: No such file or directory"

# Credentials: for the user alone, while the service is up; a file goes before
# a text; a folder is its files.
mkdir -p store/deep
echo one >store/one
echo two >store/deep/two
name=process-$$
plan <<END
service $name
type oneshot
user 65534
group 65534
credential file file $work/store/one
credential text file never
credential file gone $work/none
credential text gone instead
credential file tree $work/store
$(script start - 'cd $CREDENTIALS_DIRECTORY; pwd; stat -c "%a %u %n" . *
cat file tree_deep_two; cat gone; echo; echo >new || :')
END
init_run
ends 0
says out.txt "^$name: /run/credentials/$name.service\$"
[ "$(sed -n "s/^$name: \([0-9]00 .*\)/\1/p" out.txt)" = '500 65534 .
400 65534 file
400 65534 gone
400 65534 tree_deep_two
400 65534 tree_one' ] || init_fail 'the credentials are not as they should be'
for text in one two instead '.*new: Permission denied'; do
  says out.txt "^$name: $text\$"
done
[ ! -e "/run/credentials/$name.service" ] || fail 'the credentials stay'
sed -i '/credential text gone/d' plan
init_run
ends 1
says err.txt "cannot make credential gone from $work/none: No such file"

# What only the running system knows.
plan <<END
service a
type oneshot
env LIVE=%{v}/%{b}%25{b}
$(script start - 'echo $LIVE')
END
init_run
ends 0
boot=$(tr -d - </proc/sys/kernel/random/boot_id)
prints "a: $(uname -r)/$boot%{b}"

# A user of DynamicUser= is known by name, once.
if unshare --mount true 2>/dev/null; then
  cp /etc/passwd passwd
  cp /etc/group group
  plan <<END
account dyn-$$ 61999
service a
type oneshot
user 61999
group 61999
$(script start - 'id -un; id -gn')
END
  init_status=0
  unshare --mount sh -c 'mount --bind passwd /etc/passwd &&
    mount --bind group /etc/group && "$1" plan && "$1" plan' sh "$init" \
    >out.txt 2>err.txt || init_status=$?
  ends 0
  prints "a: dyn-$$
a: dyn-$$
a: dyn-$$
a: dyn-$$"
  [ "$(grep -c "^dyn-$$:!\*:61999:61999:" passwd)" = 1 ] ||
    init_fail 'the user is not there once'
fi
