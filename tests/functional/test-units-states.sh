#!/bin/sh
# The units that we find are those that systemctl finds, in the same state and
# with the same preset: in a folder with everything odd, in systemd's own
# units, in the packages of 41 servers, in a Debian guest if there is one.
. "${0%/*}/functions.sh"
requires systemctl --version
dump=$top_builddir/tests/functional/dump-units

# ours FOLDER: "name state preset"; aliases as systemctl calls them.  Left out:
# instances and generated units, which it does not list.
ours () {
  "$dump" "$1" >units.txt || fail "dump-units $1"
  awk '/^unit/ { if (line != "" && !is_left_out) print line
                 line = $2 " " $3 " " $4; is_left_out = $3 == "generated" }
       /^  alias .*@[^.]/ { next }
       /^  alias/ { print $2, "alias", "-" }
       /^  instance/ { is_left_out = 1 }
       END { if (line != "" && !is_left_out) print line }' units.txt |
    LC_ALL=C sort
}
theirs () {
  systemctl --root="$1" list-unit-files --no-pager --no-legend 2>theirs.err |
    awk '$1 !~ /@[^.]/ { print $1, $2, $3 }' | LC_ALL=C sort
}
agrees () {
  ours "$1" >ours.txt
  theirs "$1" >theirs.txt
  [ "$(wc -l <ours.txt)" -ge "$2" ] || fail "$1 has only $(wc -l <ours.txt)"
  diff -u theirs.txt ours.txt || fail "$1: systemctl (-) sees other units"
}

# instance FOLDER NAME: what is-enabled says of one.
instance_agrees () {
  ours_is=$("$dump" "$1" | awk -v name="$2" '
    /^unit/ { state = $3; if ($2 == name) print state }
    /^  alias/ { if ($2 == name) print state }')
  theirs_is=$(systemctl --root="$1" is-enabled "$2" 2>/dev/null) || :
  same "$2" "$ours_is" "$theirs_is"
}

mkdir -p odd/etc/systemd/system odd/usr/lib/systemd/system odd/opt
ln -s usr/lib odd/lib
e=odd/etc/systemd/system
u=odd/usr/lib/systemd/system
wanted='[Install]\nWantedBy=foo.target\n'
# unit FILE TEXT
unit () { printf "$2" >"$1"; }
for name in disabled known masked1 regular required vendor wanted chain; do
  unit $u/$name.service "$wanted"
done
unit $u/also.service '[Install]\nAlso=x.service\n'
unit $u/bad1.service "[Unit]\n[Service\n$wanted"
unit $u/bad2.service "[Unit]\nDescription=caf\351\n$wanted"
unit $u/continued.service "[Unit]\nDescription=a \\\\\n$wanted"
unit $u/crlf.service "$(printf '[Install]\r\nWantedBy=foo.target\r\n')"
unit $u/declared.service '[Install]\nAlias=d.service\n'
unit $u/default@.service "${wanted}DefaultInstance=x\n"
unit $u/empty.service ''
unit $u/mark.service "\357\273\277$wanted"
unit $u/only-default@.service '[Install]\nDefaultInstance=x\n'
unit $u/other@.service "${wanted}DefaultInstance=x\n"
unit $u/reset.service "${wanted}WantedBy=\n"
unit $u/section.service '[install]\nWantedBy=foo.target\n'
unit $u/slicy.slice "$wanted"
unit $u/static.service '[Unit]\nDescription=x\n'
unit $u/t@.service "$wanted"
unit $u/x-only.service "[X-Foo]\nWantedBy=foo.target\n"
unit $u/extended.service '[Unit]\nDescription=x\n'
mkdir $u/extended.service.d
unit $u/extended.service.d/x.conf "$wanted"
unit odd/opt/out.service "$wanted"
unit odd/opt/wanted-out.service "$wanted"
unit $e/own.service "$wanted"
unit $e/t@own.service "$wanted"
: >$e/masked4.service
mkdir $e/foo.target.wants $e/foo.target.requires $u/foo.target.wants
while read -r link target; do ln -s "$target" "$link"; done <<END
odd/opt/null /dev/null
$e/masked1.service /dev/null
$e/masked2.service ../../../dev/null
$e/masked3.service /opt/null
$e/d.service /usr/lib/systemd/system/declared.service
$e/indirect.service /usr/lib/systemd/system/known.service
$e/out.service /opt/out.service
$e/wanted-out.service /opt/wanted-out.service
$e/dangling.service /nowhere/x.service
$e/gone.service /usr/lib/systemd/system/gone2.service
$e/instance.service /usr/lib/systemd/system/t@.service
$e/loop1.service loop2.service
$e/loop2.service loop1.service
$e/chain1.service /usr/lib/systemd/system/chain.service
$e/chain2.service chain1.service
$e/slicy2.slice /usr/lib/systemd/system/slicy.slice
$e/socket.socket /usr/lib/systemd/system/static.service
$e/t@link.service /usr/lib/systemd/system/t@.service
$e/v@x.service /usr/lib/systemd/system/t@.service
$u/u@.service t@.service
$u/vendor-alias.service static.service
$e/foo.target.wants/default@x.service /usr/lib/systemd/system/default@.service
$e/foo.target.wants/only-default@x.service ../only-default@.service
$e/foo.target.wants/other@y.service /usr/lib/systemd/system/other@.service
$e/foo.target.wants/wanted.service /usr/lib/systemd/system/wanted.service
$e/foo.target.wants/own.service ../own.service
$e/foo.target.wants/wanted-out.service /opt/wanted-out.service
$e/foo.target.requires/required.service /usr/lib/systemd/system/required.service
$u/foo.target.wants/vendor.service ../vendor.service
$u/foo.target.wants/other@v.service ../other@.service
END
: >$e/foo.target.wants/regular.service
mkdir -p odd/usr/lib/systemd/system-preset odd/etc/systemd/system-preset
printf 'disable disabled.service\nenable other@.service a\ndisable *@*\n' \
  >odd/usr/lib/systemd/system-preset/90-x.preset
printf 'disable known*\n' >odd/etc/systemd/system-preset/10-x.preset
agrees odd 40
for instance in default@x other@y other@v only-default@x t@own t@link; do
  instance_agrees odd $instance.service
done

# The units of systemd 257 itself; before and after all presets were applied.
units=$(data systemd/systemd-257/units)
mkdir -p s257/usr/lib/systemd/system s257/etc/systemd/system
cp -r "$units/." s257/usr/lib/systemd/system
chmod -R u+w s257
rm -r s257/usr/lib/systemd/system/user
for file in s257/usr/lib/systemd/system/*.in; do mv "$file" "${file%.in}"; done
agrees s257 220
preset_all () { # which fails when one unit cannot be enabled, and goes on
  systemctl --root="$work/$1" preset-all 2>/dev/null || :
}
preset_all s257
agrees s257 220

# What 41 server packages bring along.
packages=$(data debian-daemons)
mkdir -p daemons/usr/lib
ln -s usr/lib daemons/lib
for package in "$packages"/*/; do
  for folder in etc lib usr; do
    [ ! -d "$package/$folder" ] || {
      mkdir -p daemons/$folder
      cp -r "$package/$folder/." daemons/$folder
      chmod -R u+w daemons
    }
  done
done
agrees daemons 85
preset_all daemons
agrees daemons 85

# A guest as it was installed.
guest=${DECANT_TEST_GUEST:-}
[ -z "$guest" ] || agrees "$guest" 190
