#!/bin/sh
# Fedora guests, on LVM and on subvolumes of btrfs, come through the appliance.
. "${0%/*}/functions.sh"
lvm=$(data disks/phony-guests/fedora.qcow2)
btrfs=$(data disks/phony-guests/fedora-btrfs.qcow2)
requires supermin --version
dump=$top_builddir/tests/functional/dump-tree

"$dump" "appliance:$lvm" >lvm.txt || fail 'the guest on LVM was not read'
grep -qE "^fs /dev/VG/Root ext2 'ROOT' / [0-9]+ read by the appliance" lvm.txt ||
  fail "no root: $(grep '^fs' lvm.txt)"
grep -q '^/var/lib/rpm/' lvm.txt || fail 'no packages'

# What fstab wants at /home has no folder to be mounted at in this guest.
"$dump" "appliance:$btrfs" >btrfs.txt 2>warnings.txt ||
  fail 'the guest on btrfs was not read'
for line in \
  "fs /dev/sda1 ext2 'BOOT' /boot [0-9]+ read by the appliance" \
  "fs /dev/sda2 btrfs 'ROOT' - [0-9]+ read by its subvolumes" \
  "fs btrfsvol:/dev/sda2/root btrfs 'ROOT' / [0-9]+ read by the appliance" \
  "fs btrfsvol:/dev/sda2/home btrfs 'ROOT' /home [0-9]+ not read: cannot mount .*"
do
  grep -qxE "$line" btrfs.txt || fail "no '$line': $(grep '^fs' btrfs.txt)"
done
grep -q "^warning: cannot mount .* at '/home': .*, leaving it out" warnings.txt ||
  fail "no warning: $(cat warnings.txt)"
grep -q '^/var/lib/rpm/' btrfs.txt || fail 'no packages'
