#!/bin/sh
# A block device is read like a file; one that is mounted is refused.
. "${0%/*}/functions.sh"
requires_root
requires losetup --version
requires qemu-img --version
requires qemu-nbd --version
requires mkfs.ext4 -V
read_disk=$top_builddir/tests/functional/read-disk

truncate -s 32M disk.raw
mkfs.ext4 -q -L device disk.raw
qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2
qemu-img convert -f raw -c -O qcow2 disk.raw compressed.qcow2
truncate -s 32M disk.qcow2 compressed.qcow2

attach () { # attach FILE: the loop device of it in $device
  device=$(losetup -f --show "$1" 2>losetup.txt) ||
    skip "no loop device: $(cat losetup.txt)"
  cleanup losetup -d "$device"
}

attach disk.raw
raw=$device
"$read_disk" bytes "$raw" | cmp - disk.raw || fail 'a device differs'
"$read_disk" -n bytes "$raw" | cmp - disk.raw || fail 'a device differs by NBD'
"$read_disk" partitions "$raw" | grep -q ' ext4 .* device$' || fail 'no ext4'

attach disk.qcow2
refuses 1 "'$device' has a qcow2 header, which the guest" \
  "$read_disk" info "$device"
"$read_disk" -f qcow2 bytes "$device" | cmp - disk.raw || fail 'qcow2 differs'
attach compressed.qcow2
"$read_disk" -f qcow2 bytes "$device" | cmp - disk.raw || fail 'NBD differs'

mkdir mountpoint
mount -o ro "$raw" mountpoint 2>mount.txt || skip "no mount: $(cat mount.txt)"
cleanup umount "$work/mountpoint"
refuses 1 "'$raw' is in use: it or a part of it is mounted" \
  "$read_disk" info "$raw"

# The name of an appliance: the device itself, or a socket.
mkfifo line
mkdir tmp
TMPDIR=$work/tmp
export TMPDIR
"$read_disk" -f qcow2 export "$device" <line >export.txt &
exec 5>line
while [ ! -s export.txt ]; do sleep 0.05; done
socket=$(sed -n 's/^nbd //p' export.txt)
[ -S "$socket" ] || fail "no socket: $(cat export.txt)"
same 'names left in TMPDIR' "$(ls tmp)" ''
qemu-img convert -O raw "nbd+unix:///?socket=$socket" exported.raw
cmp -n 33554432 exported.raw disk.raw || fail 'the export differs'
exec 5>&-
wait
[ ! -e "$socket" ] || fail 'the socket is still there'
