#!/bin/sh
# The units that we say systemd's generators make are those that the real ones
# make of the same files: of fstab by this host's and, as the expected units
# of systemd 257's own tests, by a newer one; instances by the scripts of the
# packages.  What systemd does beside mounting (checks, growing, making) is
# left out.
. "${0%/*}/functions.sh"
generators=/usr/lib/systemd/system-generators
requires test -x $generators/systemd-fstab-generator
dump=$top_builddir/tests/functional/dump-units
system=usr/lib/systemd/system

# "NAME SECTION KEY=VALUE" of the unit files in FOLDER.
unit_files () {
  for file in "$1"/*.mount "$1"/*.automount; do
    [ -f "$file" ] && sed -n "s/^\[\(.*\)\]/\1/; t section; /^#/d; /=/!d
      / *systemd-fsck/d; /^Documentation=/d; /^SourcePath=/d; p; d
      :section
      s/^/[/p" "$file" |
      name=$(basename "$file") awk '/^\[/ { section = substr ($0, 2); next }
        { print ENVIRON["name"], section, $0 }'
  done | LC_ALL=C sort
}
# The same of our dump.
our_units () {
  awk '/^unit/ { name = $2 } name ~ /\.(auto)?mount$/ && / [A-Z][a-z]* [A-Za-z]*=/ {
         sub (/^  [^ ]* /, ""); if ($2 !~ /^SourcePath=/) print name, $0 }' |
    LC_ALL=C sort
}
links () { # of the generated FOLDER, less those for checks, growing, making
  (cd "$1" && find . -type l) | sed 's|.*/||' |
    grep -vE '^systemd-(fsck|growfs|makefs|remount)' | LC_ALL=C sort -u
}
guest () { # NAME: an empty guest in which all targets and foo.service start
  mkdir -p "$1/$system" "$1/etc"
  ln -s a.target "$1/$system/default.target"
  echo '[Unit]
Wants=local-fs.target remote-fs.target swap.target foo.service' \
    >"$1/$system/a.target"
  for target in local-fs remote-fs swap; do
    echo '[Unit]' >"$1/$system/$target.target"
  done
  printf '[Unit]\nDefaultDependencies=no\n' >"$1/$system/foo.service"
}
started () { awk '/^unit/ { name = $2 } /^  starts \/etc\/fstab/ { print name }' |
  grep -v systemd-remount | LC_ALL=C sort; }

# This host's generator, which sees a container and leaves out swaps.
guest host
cat >host/etc/fstab <<'EOF'
# a comment
UUID=ab12-cd / ext4 errors=remount-ro 0 1
LABEL=d\040x /srv/my\040data ext4 nofail 0 2
nas:/x /mnt/nas nfs4 _netdev,noauto,x-systemd.automount,x-systemd.idle-timeout=1min 0 0
//nas/y /mnt/cifs cifs credentials=/etc/c 0 0
/dev/sdb /mnt/san ext4 _netdev 0 0
tmpfs /tmp tmpfs size=50% 0 0
/dev/sdb1 /mnt/noauto xfs noauto 0 0
/srv/a /srv/b none bind 0 0
proc /proc proc defaults 0 0
tmp /dev/shm tmpfs defaults 0 0
/dev/sda1 /boot/efi vfat umask=077,x-systemd.automount 0 1
"PARTLABEL=x" /quoted ext4 defaults 0 0
PARTLABEL="x/y" /quoted2 ext4 defaults 0 0
/dev/sdc1 /m/w ext4 x-systemd.after=/dev/sdx,x-systemd.before=b.service,x-systemd.requires=/srv/b 0 0
overlay /m/o overlay lowerdir=/a,upperdir=/b,x-systemd.requires-mounts-for=/b 0 0
/dev/sdd1 /../dots/./x ext4 defaults 0 0
/dev/sdd1 relative ext4 defaults 0 0
/dev/sdd2 /srv/b ext4 defaults 0 0
PARTUUID=AB /m/p auto user,noauto,nofail,fail 0 0
/dev/sdh /m/ro ext4 ro,x-systemd.rw-only 0 0
sshfs#u@h:/x /m/s fuse.sshfs defaults 0 0
/dev/x-y_z /m/a-b_c ext4 noauto,auto 0 0
EOF
mkdir made
env SYSTEMD_LOG_LEVEL=crit SYSTEMD_FSTAB="$work/host/etc/fstab" \
  SYSTEMD_PROC_CMDLINE=root=/dev/sda1 \
  $generators/systemd-fstab-generator made made made || : # it minds the repeated line
"$dump" host >host.txt
our_units <host.txt >ours.txt
unit_files made >theirs.txt
[ "$(wc -l <theirs.txt)" -gt 80 ] || fail 'the generator made few units'
diff -u theirs.txt ours.txt || fail 'the generator (-) makes other mounts'
links made >theirs.txt
started <host.txt >ours.txt
diff -u theirs.txt ours.txt || fail 'the generator (-) starts other mounts'

# Systemd 257: the lines of fstab stand in what was made of them.
expected=$(data systemd/systemd-257/test/test-fstab-generator)
expected=$expected/test-18-options.fstab.expected.sysroot
guest newer
for file in "$expected"/*.mount; do
  awk -F= '/^(What|Where|Type|Options)=/ { v = $0; sub (/^[A-Za-z]*=/, "", v); f[$1] = v }
    END { print f["What"], f["Where"], f["Type"] ? f["Type"] : "auto",
                f["Options"] ? f["Options"] : "defaults" }' "$file"
done | sed 's/ x-systemd.automount$/&,x-systemd.idle-timeout=30m/' \
  >newer/etc/fstab
[ "$(wc -l <newer/etc/fstab)" -gt 8 ] || fail 'few lines of fstab'
"$dump" newer >newer.txt
timeouts='s/TimeoutSec=10min/TimeoutSec=10m/; s/IdleSec=30min/IdleSec=30m/'
unit_files "$expected" | sed "$timeouts" | grep -v '^mnt-automount1' |
  grep -v '^mnt-mkfs.* After=' >theirs.txt
our_units <newer.txt | grep -v '^mnt-automount' |
  grep -v '^mnt-mkfs.* After=' >ours.txt
grep -v '^mnt-automount' theirs.txt >t
diff -u t ours.txt || fail 'systemd 257 (-) makes other mounts'

# Instances.  The scripts read the guest instead of this host.
packages=$(data debian-daemons)
run_generator () { # SCRIPT FOLDER
  sed "s|/etc/|$work/$2/etc/|g; s|\"/usr/lib/postgresql/\"|\"$work/$2&|
       s|$work/$2\"/usr|$work/$2/usr|" "$1" >script
  mkdir -p instances
  sh ./script "$work/instances" 2>/dev/null
}
instances () { # FOLDER OWNER: what we say of it
  "$dump" "$1" | awk '/^unit/ { name = $2 } /^  starts \/etc/ { print name }' |
    grep "^$2@" | LC_ALL=C sort
}
for guest in pg vpn; do
  mkdir -p $guest/$system $guest/${system%/*}/system-generators
  echo '[Unit]
Wants=postgresql.service openvpn.service tor.service' >$guest/$system/a.target
  ln -s a.target $guest/$system/default.target
  for unit in postgresql openvpn tor; do
    for at in '' @; do
      printf '[Unit]\nDefaultDependencies=no\n' >$guest/$system/$unit$at.service
    done
  done
done
postgresql=$packages/postgresql-common/lib/systemd/system-generators
tor=$packages/tor/lib/systemd/system-generators
install -m755 "$postgresql"/* "$tor"/* pg/${system%/*}/system-generators
mkdir -p pg/usr/lib/postgresql/15/bin pg/etc/tor/instances/a1 \
  pg/etc/tor/instances/b-2 pg/etc/tor/instances/c
: >pg/etc/tor/torrc
: >pg/etc/tor/instances/a1/torrc
: >pg/etc/tor/instances/b-2/torrc
install -m755 /bin/true pg/usr/lib/postgresql/15/bin/postgres
cluster () { # NAME [START.CONF]
  mkdir -p "pg/etc/postgresql/$1"
  : >"pg/etc/postgresql/$1/postgresql.conf"
  [ $# = 1 ] || printf "$2" >"pg/etc/postgresql/$1/start.conf"
}
cluster 15/main '# a comment\n\n  auto  # yes\n'
cluster 15/none
cluster 15/manual 'manual\n'
cluster 15/disabled disabled
cluster 15/both 'auto\nauto\n'
cluster 15/empty '# nothing\n'
cluster 15/with-dash auto
cluster 13/removed auto
mkdir -p pg/etc/postgresql/15/no-conf
run_generator "$postgresql/postgresql-generator" pg
links instances >theirs.txt
instances pg postgresql >ours.txt
same 'clusters that start' 3 "$(wc -l <theirs.txt)"
diff -u theirs.txt ours.txt || fail 'the generator (-) starts other clusters'
rm -r instances
run_generator "$tor/tor-generator" pg
links instances >theirs.txt
instances pg tor >ours.txt
same 'tors that start' 2 "$(wc -l <theirs.txt)"
diff -u theirs.txt ours.txt || fail 'the generator (-) starts other tors'

[ -x $generators/openvpn-generator ] || skip 'openvpn is not installed'
cp $generators/openvpn-generator vpn/${system%/*}/system-generators
mkdir -p vpn/etc/openvpn vpn/etc/default
for name in home.conf office.conf .hidden.conf x.ovpn a.conf.old; do
  : >vpn/etc/openvpn/$name
done
for autostart in '' '#AUTOSTART="none"' 'AUTOSTART="all"' 'AUTOSTART=none' \
  'AUTOSTART=""' 'AUTOSTART="office missing"' "AUTOSTART='home office'"; do
  printf 'OPTARGS=""\n%s\n' "$autostart" >vpn/etc/default/openvpn
  rm -r instances
  run_generator $generators/openvpn-generator vpn
  links instances >theirs.txt
  instances vpn openvpn >ours.txt || :
  diff -u theirs.txt ours.txt ||
    fail "with '$autostart' the generator (-) starts other tunnels"
done
