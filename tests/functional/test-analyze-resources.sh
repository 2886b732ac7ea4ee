#!/bin/sh
# Files of a real sadc give what sar's own reader says; capabilities and
# setuid bits are what getcap and find say.
. "${0%/*}/functions.sh"
requires jq --version
requires sadf -V
requires getcap -v /bin/sh
requires_root
sadc=$(ls /usr/lib/sysstat/sadc /usr/lib64/sa/sadc 2>/dev/null | head -n 1)
[ -n "$sadc" ] || skip 'there is no sadc'

mkdir -p guest/var/log/sysstat guest/etc guest/usr/bin guest/srv
echo 'ID=tiny' >guest/etc/os-release
"$sadc" -S XALL 1 6 guest/var/log/sysstat/sa07
"$sadc" -C 'a comment' guest/var/log/sysstat/sa07
sleep 1 # of an interval of a few ticks each tool says something else
"$sadc" -S XALL 1 4 guest/var/log/sysstat/sa07
for file in su wall ping both; do echo "$file" >guest/usr/bin/$file; done
chmod 4755 guest/usr/bin/su
chmod 2755 guest/usr/bin/wall
chmod 6711 guest/usr/bin/both
setcap cap_net_raw,cap_checkpoint_restore=ep guest/usr/bin/ping || skip 'no capabilities here'
"$decant" analyze --json dir:guest >profile.json

sadf -j guest/var/log/sysstat/sa07 -- -u -r -q >theirs.json
# Within what sar rounds to, of intervals that a busy machine makes short; its
# first sample has none.
jq -e --slurpfile theirs theirs.json '
  def average: add / length;
  def p95: sort | .[((length * 95 + 99) / 100 | floor) - 1];
  def near (other; by): (. - other) | fabs <= by;
  [$theirs[0].sysstat.hosts[0].statistics[] | select (has ("cpu-load"))] as $rows |
  ($rows | map (100 - .["cpu-load"][0].idle - .["cpu-load"][0].iowait)) as $cpu |
  ($rows | map (.queue["ldavg-1"])) as $load |
  .resources.history |
  (.samples >= 8 and .files == 1) and
  (.cpu_busy_percent.average | near ($cpu | average; 3)) and
  (.cpu_busy_percent.p95 | near ($cpu | p95; 5)) and
  (.load.p95 | near ($load | p95; 0.2))' profile.json >/dev/null ||
  fail "$(jq -c .resources.history profile.json) $(jq -c '[.sysstat.hosts[0].statistics[]["cpu-load"]]' theirs.json)"
same memory "$(jq '.resources.history.memory_bytes / 1024' profile.json)" \
  "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)"

find guest -type f -perm /6000 -printf '/%P %m\n' | LC_ALL=C sort >theirs.txt
jq -r '.security.privileged_files[] | select (.is_setuid or .is_setgid) | "\(.path) \(.mode)"' \
  profile.json | LC_ALL=C sort >ours.txt
same_file theirs.txt ours.txt
(cd guest && getcap -r . 2>/dev/null) | sed 's/^\.//' >theirs.txt
jq -r '.security.privileged_files[] | select (.capabilities) |
  "\(.path) \(.capabilities.permitted | join (","))=\(if .capabilities.is_effective then "e" else "" end)p"' \
  profile.json >ours.txt
[ -s theirs.txt ] || fail 'getcap finds nothing'
same_file theirs.txt ours.txt
