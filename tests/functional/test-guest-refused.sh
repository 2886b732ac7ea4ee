#!/bin/sh
# Disks that cannot be opened here: which is said decides what is tried next,
# so the kind of failure and the sentence must be right.
. "${0%/*}/functions.sh"
requires mke2fs -V
requires debugfs -V
requires mkfs.btrfs --version
dump=$top_builddir/tests/functional/dump-tree

# disk NAME SIZE-MIB: a whole-disk file system of the folder NAME.
disk () {
  truncate -s "$2M" "$1.raw"
  mke2fs -q -F -t ext4 -L "$1" -d "$1" "$1.raw"
}
mkdir -p empty system/etc other/etc
echo 'PRETTY_NAME="System 1"' >system/etc/os-release
echo 'ID=other' >other/etc/os-release
disk empty 8
disk system 8
disk other 8
truncate -s 110M btrfs.raw
mkfs.btrfs -q -L btrfs btrfs.raw >btrfs.txt 2>&1
truncate -s 4M luks.raw
printf 'LUKS\272\276\000\001' | dd of=luks.raw conv=notrunc 2>/dev/null
truncate -s 4M nothing.raw

# is CODE WORDS DISKS
is () {
  status=0
  "$dump" "guest:$3" >guest.txt 2>stderr.txt || status=$?
  [ "$status" = 1 ] || fail "$3: status $status"
  grep -qF "': $1: $2" stderr.txt || fail "$3: not '$1: $2': $(cat stderr.txt)"
}
opens () {
  "$dump" "guest:$1" >guest.txt 2>stderr.txt || fail "$1: $(cat stderr.txt)"
  grep -q "^fs $2 [a-z0-9]* '[a-z]*' / " guest.txt || fail "$1: no $2"
}

is notfound 'no operating system found' nothing.raw
is notfound 'no operating system found' empty.raw,nothing.raw
is appliance 'no operating system found, but /dev/sdb is btrfs' \
  empty.raw,btrfs.raw
is encrypted '/dev/sdb is encrypted (LUKS); give --key' empty.raw,luks.raw
is appliance 'no operating system found, but /dev/sdb is btrfs' \
  luks.raw,btrfs.raw
is invalid "2 operating systems found, choose one with --root: 'System 1' on /dev/sda, 'unknown' on /dev/sdb" \
  system.raw,other.raw
opens system.raw,other.raw,root=/dev/sdb /dev/sdb
opens system.raw,other.raw,root=/dev/vda /dev/sda
opens system.raw,other.raw,root=LABEL=other /dev/sdb
opens system.raw,btrfs.raw,luks.raw /dev/sda
is notfound "there is no partition '/dev/sdc'" system.raw,root=/dev/sdc
is appliance "'/dev/vg/root' is not a partition" \
  system.raw,btrfs.raw,root=/dev/vg/root
is appliance '/dev/sdb is btrfs' system.raw,btrfs.raw,root=/dev/sdb
is encrypted '/dev/sdb is encrypted' system.raw,luks.raw,root=/dev/sdb
is invalid '/dev/sdb cannot be a root: there is no file system on it' \
  system.raw,nothing.raw,root=/dev/sdb

# fstab LINE: the system's, and its disk again.
fstab () {
  echo "$*" >system/etc/fstab
  rm system.raw
  disk system 8
}
fstab 'LABEL=btrfs /var btrfs defaults 0 0'
is appliance "'/var' is on /dev/sdb, which is btrfs" system.raw,btrfs.raw
opens system.raw /dev/sda
fstab 'LABEL=btrfs /boot btrfs defaults 0 0'
opens system.raw,btrfs.raw /dev/sda
fstab '/dev/mapper/vg-var /var ext4 defaults,nofail 0 0'
is appliance "'/var' is on '/dev/mapper/vg-var', which is not a partition, and /dev/sdb is btrfs" \
  system.raw,btrfs.raw
opens system.raw /dev/sda
fstab '/dev/sdb /var ext4 defaults 0 0'
is encrypted "'/var' is on /dev/sdb, which is encrypted; give --key" \
  system.raw,luks.raw
is appliance "'/var' is on /dev/sdb, which is of no known kind" \
  system.raw,nothing.raw

# Damage that leaves nothing to open.
dd if=/dev/zero of=empty.raw bs=1024 seek=2 count=4000 conv=notrunc 2>/dev/null
opens system.raw,empty.raw /dev/sda
grep -q "^warning: '/var' on /dev/sdb is damaged (.*), going on without it$" \
  stderr.txt || fail "no warning: $(cat stderr.txt)"
grep -q "^fs /dev/sdb .* not read: " guest.txt || fail "$(grep '^fs' guest.txt)"
is invalid 'no operating system found; /dev/sda: ' empty.raw

# A feature that does not exist yet.
debugfs -w -R 'feature FEATURE_I30' system.raw >/dev/null 2>&1
is appliance 'no operating system found, but /dev/sda is ' system.raw
