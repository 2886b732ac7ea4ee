#!/bin/sh
# A system on LVM in LUKS: with the passphrase it is read, without it that is
# what is said.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/odd-tree.sh"
requires guestfish --version
dump=$top_builddir/tests/functional/dump-tree

mkdir c
make_system /dev/vg/root
tar -C c -cf c.tar .
# guestfish falls back to emulation by itself only where there is no /dev/kvm.
LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg
export LIBGUESTFS_BACKEND LIBGUESTFS_BACKEND_SETTINGS
printf 'pass word\npass word\n' | guestfish --keys-from-stdin \
  sparse luks.raw 300M : run : part-disk /dev/sda mbr : \
  luks-format /dev/sda1 0 : cryptsetup-open /dev/sda1 c : \
  pvcreate /dev/mapper/c : vgcreate vg /dev/mapper/c : \
  lvcreate root vg 100 : mkfs ext4 /dev/vg/root : mount /dev/vg/root / : \
  tar-in c.tar / : umount / || fail 'cannot make a disk'
unset LIBGUESTFS_BACKEND LIBGUESTFS_BACKEND_SETTINGS

! "$dump" appliance:luks.raw key=wrong >out.txt 2>err.txt ||
  fail 'a wrong passphrase was taken'
grep -qF "'/dev/sda1' is encrypted, and no key that was given opens it" err.txt ||
  fail "it did not say so: $(cat err.txt)"
[ ! -s out.txt ] || fail "it printed something: $(cat out.txt)"

"$dump" appliance:luks.raw 'key=pass word' >out.txt || fail 'it was not read'
same 'file systems' "$(grep '^fs ' out.txt)" \
  "fs /dev/sda1 crypto_LUKS '' - 314442240 opened with a key
fs /dev/vg/root ext4 '' / 104857600 read by the appliance"
grep -q '^/etc/os-release ' out.txt || fail "no files: $(cat out.txt)"
