#!/bin/sh
# A Debian guest on LVM, with /boot, /usr, /var and /home of their own, comes
# through the appliance as one tree.
. "${0%/*}/functions.sh"
guest=$(data disks/phony-guests/debian.qcow2)
requires supermin --version
before=$(sha256sum <"$guest")

"$top_builddir/tests/functional/dump-tree" "appliance:$guest" >out.txt ||
  fail 'the appliance did not read the guest'
same 'file systems' "$(grep '^fs ' out.txt)" \
  "fs /dev/sda1 ext2 'BOOT' /boot 268402688 read by the appliance
fs /dev/debian/home ext2 '' /home 33554432 read by the appliance
fs /dev/debian/root ext2 '' / 67108864 read by the appliance
fs /dev/debian/usr ext2 '' /usr 33554432 read by the appliance
fs /dev/debian/var ext2 '' /var 33554432 read by the appliance"
# A file of each, with the content that the makers of the guest gave it.
has () { grep -qE "^$1 10" out.txt || fail "there is no $1: $(cat out.txt)"; }
has /bin/ls
has /boot/grub/grub.conf
has /var/lib/dpkg/status
sum=$(printf 'debian.invalid' | sha256sum | cut -d' ' -f1)
grep -A1 '^/etc/hostname ' out.txt | grep -qF "sha256:$sum" ||
  fail 'the host name is another'
same 'the disk afterwards' "$(sha256sum <"$guest")" "$before"
