#!/bin/sh
# The script of `decant collect` says what ss says, in dash and in BusyBox's
# shell without ss, and needs to write nothing.
. "${0%/*}/functions.sh"
requires busybox true
requires shellcheck --version
requires python3 --version
requires_root

"$decant" collect >collect.sh
shellcheck --shell=sh collect.sh || fail 'shellcheck'

mkdir tools
for tool in $(busybox --list); do ln -s "$(command -v busybox)" "tools/$tool"; done
rm -f tools/ss tools/systemctl
sed "s|^PATH=.*|PATH=$work/tools|" collect.sh >bare.sh

# A network of its own with three listeners, a client, and a process without a
# socket; all on a file system that cannot be written to.
cat >server.py <<'END'
import os, socket, sys, time
tcp = socket.create_server (("127.0.0.1", 7001))
both = socket.create_server (("", 7002), family=socket.AF_INET6, dualstack_ipv6=True)
udp = socket.socket (socket.AF_INET, socket.SOCK_DGRAM)
udp.bind (("0.0.0.0", 7003))
clients = [socket.create_connection (("127.0.0.1", 7001)) for _ in range (3)]
asked = socket.socket (socket.AF_UNIX, socket.SOCK_DGRAM)
asked.bind (sys.argv[1] + "/asked.sock")
local = socket.socket (socket.AF_UNIX)
local.bind (sys.argv[1] + "/local.sock")
local.listen ()
time.sleep (60)
END
cat >scene.sh <<'END'
ip link set lo up
python3 server.py "$1" >/dev/null &
server=$!
for i in 1 2 3 4 5 6 7 8 9 10; do [ -S "$1/local.sock" ] || sleep 0.3; done
ss -H -lntu | awk '{ print $1 "\t" $5 }' | LC_ALL=C sort >ss.txt
mount -o remount,bind,ro /
sh collect.sh
echo =====
"$1/tools/sh" bare.sh
kill $server
END
unshare -nm sh -e scene.sh "$work" | cat >both.txt
sed '/^=====$/,$d' both.txt >full.txt
sed '1,/^=====$/d' both.txt >bare.txt

for record in full.txt bare.txt; do
  same "$record begins" "$(head -n 1 $record)" 'decant-observed 1'
  same "$record ends" "$(tail -n 1 $record)" end
  same "$record hostname" "$(sed -n 's/^hostname\t//p' $record)" "$(uname -n)"
  for name in local asked; do
    grep -qxF "listen	unix		$work/$name.sock	python3	-" $record || fail "$(grep unix $record)"
  done
  grep -q '^connect	out	tcp	127.0.0.1	7001	.*	3$' $record || fail "no client in $record"
  grep -q '^connect	in	tcp	127.0.0.1	7001	.*	3$' $record || fail "no peer in $record"
  same 'processors' "$(sed -n 's/^cpus\t//p' $record)" "$(grep -c ^processor /proc/cpuinfo)"
  same 'memory' "$(awk '/^memory/ { print $2 }' $record)" "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)"
  awk -F '\t' -v pattern=python3 '$1 == "process" && $7 == pattern && $8 ~ /python3/ { found = 1 }
    END { exit !found }' $record || fail "no process in $record"
done
# What ss says, with its way to write a place.
awk -F '\t' '$1 == "listen" && $2 != "unix" {
  print $2 "\t" ($3 ~ /:/ ? "[" $3 "]" : $3) ":" $4 }' full.txt | LC_ALL=C sort >ours.txt
same_file ss.txt ours.txt
# /proc does not say whether a socket of IPv6 takes IPv4 too.
awk -F '\t' '$1 == "listen" && $2 != "unix" {
  print $2 "\t" ($3 == "::" ? "*" : $3) ":" $4 }' bare.txt | LC_ALL=C sort >ours.txt
same_file ss.txt ours.txt
grep -q '^missing	units' full.txt || [ -d /run/systemd/system ] || fail 'says nothing of missing units'

# Nobody's view: the listeners without their processes, and that is said.
requires setpriv --version
setpriv --reuid 65534 --clear-groups sh <collect.sh >nobody.txt
grep -q '^missing	processes of other users' nobody.txt || fail 'says nothing of what it cannot see'
same 'nobody ends' "$(tail -n 1 nobody.txt)" end
refuses 2 'collect takes no argument' "$decant" collect x
