#!/bin/sh
# What we say starts at boot is what systemd puts into its first transaction
# (`systemd --test`, which starts nothing), with the same drop-ins in the same
# order and the same command lines: this host's own units with odd ones among
# them.
. "${0%/*}/functions.sh"
requires_root
systemd=/usr/lib/systemd/systemd
requires $systemd --version
requires unshare -mpf --mount-proc true
dump=$top_builddir/tests/functional/dump-units

mkdir -p root/etc/systemd/system root/usr/lib/systemd none
ln -s usr/lib root/lib
cp -r /usr/lib/systemd/system root/usr/lib/systemd
u=root/usr/lib/systemd/system
e=root/etc/systemd/system
w=$e/multi-user.target.wants
mkdir -p $w $u/multi-user.target.wants
[ -e $u/multi-user.target ] || skip 'this host has no multi-user.target'
ln -sf /usr/lib/systemd/system/multi-user.target $e/default.target

# service NAME [UNIT SETTINGS [SERVICE SETTINGS]]
service () {
  printf '[Unit]\nDescription=x\n%b\n[Service]\nExecStart=/bin/true\n%b\n' \
    "${2-}" "${3-}" >"$u/$1.service"
}
want () { ln -s "../$1" "$w/$1"; }

# Links: only their names count; what is no link, or a mask, does not.
for name in regular dangling emptied masked mismatch; do service $name; done
echo text >$w/regular.service
ln -s /nowhere/at.all $w/dangling.service
: >$w/emptied.service
ln -s /dev/null $w/masked.service
ln -s ../regular.service $w/mismatch.service
ln -s ../emptied.service $u/multi-user.target.wants/emptied.service
ln -s ../masked.service $u/multi-user.target.wants/masked.service
service real
ln -s real.service $u/alias.service
want alias.service
service hidden
ln -s /dev/null $e/hidden.service
want hidden.service
printf '[Unit]\n[Service\n' >$u/broken.service
want broken.service

# Settings.
for n in 2 3 4 5 6 7 8 9 10 11 12; do service dep$n; done
service 'x\x2dy'
service dep1 'Wants=dep2.service t@%p.service u@.service "dep10.service"
Requires=dep3.service\nBindsTo=dep4.service\nUpholds=dep5.service
Requisite=dep6.service\nPartOf=dep7.service\nOnFailure=dep8.service
After=dep9.service\nWants=x\\x2dy.service\nWants=\nBindTo=dep12.service'
want dep1.service
service t@
service u@
service cycle 'Wants=cycle.service dep1.service'
want cycle.service
mkdir $u/u@.service.wants
service v@
ln -s ../v@.service $u/u@.service.wants/v@.service
printf '[Socket]\nListenStream=/run/x\n' >$u/s.socket
service s '' 'Sockets=s.socket'
want s.service
service bus '' 'Type=dbus\nBusName=a.b.c\nSlice=f-g.slice'
want bus.service
for slice in f f-g; do echo '[Unit]' >$u/$slice.slice; done
printf '[Timer]\nOnCalendar=daily\nUnit=dep6.service\n' >$u/x.timer
want x.timer
printf '[Path]\nPathExists=/x\nUnit=dep7.service\n' >$u/x.path
want x.path
service condition 'ConditionPathExists=/nowhere'
want condition.service
service alone 'DefaultDependencies=no'
want alone.service

# Folders of names cut at dashes, of templates and of aliases.
dropin () { mkdir -p "${1%/*}"; printf '[Service]\nEnvironment=%s\n' "$2" >"$1"; }
service da-sh-es
want da-sh-es.service
mkdir -p $u/da-.service.wants $e/da-sh-.service.requires
service cut1
service cut2
ln -s ../cut1.service $u/da-.service.wants
ln -s ../cut2.service $e/da-sh-.service.requires
dropin $u/service.d/05.conf A=1
dropin $u/service.d/20.conf A=2
dropin $u/da-.service.d/10.conf A=3
dropin $e/da-sh-.service.d/10.conf A=4
dropin $u/da-sh-es.service.d/20.conf A=5
dropin $u/da-.service.d/.hidden.conf A=6
dropin $u/da-.service.d/readme.txt A=7
dropin $u/da-.service.d/broken.conf 'A=8\n[Serv'
service t-m@
ln -s ../t-m@.service $w/t-m@x-y.service
ln -s t-m@.service $u/n@.service
dropin $u/t-m@.service.d/1.conf A=1
dropin $u/t-m@x-y.service.d/2.conf A=2
dropin $u/t-@.service.d/3.conf A=3
dropin $u/t-@x-y.service.d/4.conf A=4
dropin $u/t-@x-.service.d/5.conf A=5
dropin $u/n@x-y.service.d/6.conf A=6
dropin $u/alias.service.d/7.conf A=7
dropin $u/real.service.d/7.conf A=8

# Command lines.
command () { service "$1" '' "ExecStart=\n$2"; want "$1.service"; }
command c1 "ExecStart=/bin/echo 'two words' \"and \\\\\"more\\\\\"\" in'the'middle"
command c2 'ExecStart=-/bin/echo \\x41 \\101 \\d+ \\s| \\\\ %n %i %%'
command c3 'Type=oneshot\nExecStart=/bin/echo a ; @/bin/echo b c ; /bin/echo \\;'
command c4 'ExecStart=/bin/echo a \\\n  b \\\n# comment\n  c'
command c5 'ExecStart=echo ${A} $B x$C'

cat >inside.sh <<'END'
mount --bind "$1/root/etc/systemd/system" /etc/systemd/system || exit 77
mount --bind "$1/root/usr/lib/systemd/system" /usr/lib/systemd/system || exit 77
mount --bind "$1/none" /usr/lib/systemd/system-generators || exit 77
mount -t tmpfs none /run || exit 77
mount -t tmpfs none /tmp || exit 77
exec setpriv --reuid=65534 --regid=65534 --clear-groups \
  env -i XDG_RUNTIME_DIR=/tmp PATH=/usr/sbin:/usr/bin \
  SYSTEMD_LOG_TARGET=console /bin/sh -c '"$0" --test --system --no-pager \
    --log-target=console --log-level=err; exit $?' "$2"
END
chmod 755 . # for nobody
status=0
unshare -mpf --mount-proc sh inside.sh "$work" $systemd >test.txt 2>&1 ||
  status=$?
[ $status != 77 ] || skip 'cannot mount over the folders of systemd'
grep -q '^-> By jobs:' test.txt || skip "systemd --test: $(tail -1 test.txt)"

"$dump" root >units.txt
awk '/^unit/ { print $2 }' units.txt | LC_ALL=C sort >known.txt
awk '/^unit/ { name = $2 } /^  starts/ { print name }' units.txt |
  LC_ALL=C sort >ours.txt
awk '/Action: .* -> start$/ { print $2 }' test.txt | LC_ALL=C sort -u >jobs.txt
# Of systemd's jobs those whose unit has a file.  It needs none for a mount
# that is there, and follows dependencies on mounts, which we do not.
awk '/^\t-> Unit / { name = substr ($3, 1, length ($3) - 1) }
     /Fragment Path/ { print name }' test.txt | LC_ALL=C sort -u >files.txt
LC_ALL=C comm -12 jobs.txt files.txt | grep -vE '\.(auto)?mount$' >theirs.txt
sed -i '/\.\(auto\)*mount$/d' ours.txt
grep -qx 'da-sh-es.service' theirs.txt || fail 'nothing odd starts'
diff -u theirs.txt ours.txt || fail 'systemd (-) starts other units'

# NAME FILE for each drop-in, in order.
awk '/^\t-> Unit / { name = substr ($3, 1, length ($3) - 1) }
     /DropIn Path/ { sub (/^\/lib/, "/usr/lib", $3); print name, $3 }' \
  test.txt >theirs.txt
awk '/^unit/ { name = $2; last = "" }
     / [A-Z][A-Za-z]* [A-Za-z]*=/ && /\.d\/[^\/]*\.conf:/ {
       sub (/:[0-9]*$/, "", $1)
       if ($1 != last) print name, $1
       last = $1 }' units.txt >ours.txt
LC_ALL=C sort -s -k1,1 theirs.txt >t
LC_ALL=C sort -s -k1,1 ours.txt | LC_ALL=C join -j1 -o 1.1,1.2 - \
  jobs.txt >o 2>/dev/null
LC_ALL=C join -j1 -o 1.1,1.2 t jobs.txt >t2
grep -q 'da-sh-es.service' t2 || fail 'systemd read no drop-ins'
diff -u t2 o || fail 'systemd (-) reads other drop-ins'

# The odd command lines as |word|word|; systemd prints what needs quotes in
# double quotes.
awk 'function words (line,  i, c, out, is_quoted) {
       out = "|"
       for (i = 1; i <= length (line); i++) {
         c = substr (line, i, 1)
         if (c == "\"") is_quoted = !is_quoted
         else if (c == "\\" && is_quoted) out = out substr (line, ++i, 1)
         else if (c == " " && !is_quoted) out = out "|"
         else out = out c
       }
       return out "|"
     }
     /^\t-> Unit / { name = substr ($3, 1, length ($3) - 1) }
     /-> Exec/ { is_start = /ExecStart:/ }
     /Command Line:/ && is_start && name ~ /^c[0-9]\.service$/ {
       sub (/.*Command Line: /, ""); print name, words($0) }' test.txt |
  LC_ALL=C sort -s -k1,1 >theirs.txt
awk '/^unit/ { name = $2 }
     /^  runs/ && name ~ /^c[0-9]\.service$/ {
       sub (/^  runs \|[^|]*/, "") # the program
       print name, $0 }' units.txt >ours.txt
same 'odd commands' 7 "$(wc -l <theirs.txt)"
diff -u theirs.txt ours.txt || fail 'systemd (-) reads other command lines'
