#!/bin/sh
# Debian's crontab takes the lines that we take and refuses those that we name
# in a finding; the normal form of every schedule is one to systemd too.
. "${0%/*}/functions.sh"
requires systemd-analyze calendar daily
requires jq --version
dump=$top_builddir/tests/functional/dump-facts
mkdir -p root/var/spool/cron/crontabs root/usr/sbin root/etc
install -m755 /bin/true root/usr/sbin/cron
echo 'root:x:0:0::/root:/bin/sh' >root/etc/passwd
spool=root/var/spool/cron/crontabs/root

cat >lines <<'EOF'
* * * * * a
5/10 * * * * b
5-1 * * * * b
*/0 * * * * b
*/70 * * * * b
0 0 0 * * b
0 24 * * * b
60 * * * * b
0 0 * 13 * b
0 0 * jan-MAR Mon,7 b
0 0 * january * b
0 0 * * fri-mon b
@daily x
@Daily x
@often x
@annually x
@midnight x
@reboot
0 0 * * *
A=b
 A = "b c"
"A"=b
A b
A=
0 0 * *  mon	b
1,,2 * * * * b
1-3/2,*/20 * * * * b
*,5 * * * * b
0-59/60 * * * * b
5-7/0 * * * * b
* * ? * * x
1~5 * * * * x
-1 * * * * x
0 0 32 * * b
0 0 * mon * b
jan 0 * * * b
0 0 * * 8 b
0 0 * * 0-7 b
1-2-3 * * * * x
08 09 * * * x
5- * * * * x
*-5 * * * * x
*/5-7 * * * * x
0000000005 * * * * x
x
# a comment
0 0 13 * 5 x
*/7 */3 2-20/5 */2 1-5 x
1,2,4,5,6 22 * * sat,sun x
EOF
if crontab -n lines >/dev/null 2>&1 || crontab -n lines 2>&1 | grep -q 'bad '; then
  while IFS= read -r line; do
    printf '%s\n' "$line" >$spool
    theirs=taken
    crontab -n $spool >/dev/null 2>&1 || theirs=refused
    ours=taken
    "$dump" root json >profile.json
    ! jq -e '.findings[] | select (.id == "cron.invalid")' profile.json \
      >/dev/null || ours=refused
    same "'$line' to crontab and to us" $theirs $ours
  done <lines
  printf '* * * * * a' >$spool
  ! crontab -n $spool >/dev/null 2>&1 || fail 'crontab takes a line without end'
  "$dump" root json | jq -e '.jobs[0].problem == "cron ignores its file"' \
    >/dev/null || fail 'we take a line without end'
  tested=1
fi

cp lines $spool
"$dump" root json |
  jq -r '.jobs[].normal | split (" or ")[] | select (test ("^(boot|never)$") | not)' |
  sort -u >normals
[ "$(wc -l <normals)" -gt 10 ] || fail 'few schedules'
while IFS= read -r normal; do
  same 'normal form' "$normal" "$(systemd-analyze calendar "$normal" |
    sed -n 's/.*Normalized form: //p')"
done <normals
[ -n "${tested:-}" ] || skip 'no crontab of Debian here'
