#!/bin/sh
# The table of settings has a row for every item that systemd 252 itself
# prints, no other but newer ones, and the manual page has every row.
. "${0%/*}/functions.sh"
dump=$top_builddir/tests/functional/dump-directives
"$dump" >rows.txt

# The page: each name with its equals sign, in the part of its section.
page=$top_builddir/doc/decant-units.7
[ -f "$page" ] || fail 'there is no page'
for section in $(cut -f1 rows.txt | sort -u); do
  upper=$(echo "$section" | tr '[:lower:]' '[:upper:]')
  sed -n "/^\.SH .*\[$upper\]/,/^\.SH/p" "$page" |
    grep -oE '[A-Za-z0-9]+=' | LC_ALL=C sort -u >page.txt
  sed -n "s/^$section	\([^	]*\)	.*/\1=/p" rows.txt |
    LC_ALL=C sort -u >table.txt
  # Remarks name settings, too, but none that has no row.
  LC_ALL=C comm -13 page.txt table.txt >lacking.txt
  [ ! -s lacking.txt ] || fail "page, [$section]: no $(xargs <lacking.txt)"
done

systemd=
for path in /lib/systemd/systemd /usr/lib/systemd/systemd; do
  [ ! -x $path ] || systemd=$path
done
[ -n "$systemd" ] || skip 'there is no systemd here'
version=$("$systemd" --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
[ "$version" -ge 252 ] && [ "$version" -le 257 ] ||
  skip "the table is of systemd 252 to 257, not $version"
"$systemd" --dump-configuration-items |
  sed -n -e 's/^\[\(.*\)\]$/\1/p' -e 's/^\([^=]*\)=.*/ \1/p' |
  awk '/^[^ ]/ { section = $1; next } { print section, $1 }' |
  grep -E '^(Unit|Install|Timer|Path|Service|Socket) ' |
  LC_ALL=C sort -u >theirs.txt
awk -F'\t' -v version="$version" '$4 == "-" || $4 <= version { print $1, $2 }' \
  rows.txt | LC_ALL=C sort -u >ours.txt
LC_ALL=C diff -u theirs.txt ours.txt || fail 'table and systemd differ'
