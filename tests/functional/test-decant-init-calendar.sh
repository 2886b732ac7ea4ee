#!/bin/sh
# When a calendar event is next: decant-init and systemd-analyze say the same,
# in zones that change their clocks, too.
. "${0%/*}/functions.sh"
requires systemd-analyze --version
requires test -e /usr/share/zoneinfo/Europe/Berlin

cat >events <<'END'
minutely
hourly
daily
weekly
monthly
quarterly
semiannually
yearly
daily UTC
Mon..Fri 09:00
Sat,Sun *-*-* 10,14:30
Wed *-*-* *:00/20
*:0/15
*-*-* 00/2:30
*-*-* 02:30:00
*-*-* 02:00..59:00
*-*-* 01,02,03:30
*-*-* 02:30 Europe/Berlin
*-10-25 02:30 Europe/Berlin
*-*-* 02:15:30 Australia/Lord_Howe
*-*-* *:10/20 Australia/Lord_Howe
*-*-1..7 18:00:00
Mon *-*-1..7 06:25
*-*~1 23:59:59
*-*~3 12:00
*-02~1
Mon *-05~07/1
*-*~3..9 08:00
*-*~1..10/4
*-02-29
*-02-29,30
Sun *-02-29
*-02-30
2027-*-* 04:00
2024..2030/3-06-01
2026/4-01-01
2020-01-01
2199-12-31 23:59:59
*-*-01/10
*-03/3-31
*-*-31
*:*:0..59/17
*:*:5,10..12
12:00..13:00/10
00..23/5:17:42
Thu,Fri 2026-*-1,5 11:12:13
*-12-31 23:59:59 Pacific/Apia
*-*-* 00:00 America/Sao_Paulo
*-*-* 00:30 Africa/Cairo
*-*-* 03:00 America/New_York
END
# Near changes of clocks in spring and autumn, leap days, the end of a year.
bases='1774699200 1774744200 1792879200 1792886399 1792893600 1798761599
  1709164800 1775312999 1791039599 0 4102444799'

# For each event the times in UTC, which follow the local ones where those are
# others.
said () {
  while read -r event; do
    set -- "$@" "$event"
  done <events
  systemd-analyze calendar --iterations=4 --base-time="@$base" "$@" |
    sed -n -e 's/^ *Normalized form.*/event/p' -e 's/^ *Next elapse: //p' \
      -e 's/^ *Iter. #[0-9]*: //p' -e 's/^ *(in UTC): /=/p' |
    awk '/^=/ { last = substr ($0, 2); next }
         last != "" { print last } { last = $0 }
         END { print last }'
}
for zone in Europe/Berlin Australia/Lord_Howe; do
  export TZ=$zone
  for base in $bases; do
    said >expected
    "$top_builddir/tests/functional/dump-calendar" 4 "$base" <events >got
    diff -u expected got >differs || {
      echo "with TZ=$zone after $base:"
      head -n 60 differs
      exit 1
    }
  done
done
