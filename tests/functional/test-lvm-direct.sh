#!/bin/sh
# A guest on LVM is read without the appliance, and like with it: linear
# volumes of several pieces, striped ones, groups of several disks.  What only
# the kernel can put together is left to the appliance.
. "${0%/*}/functions.sh"
requires supermin --version
dump=$top_builddir/tests/functional/dump-tree

# agree NAME DISK...: both ways give the same tree.
agree () {
  name=$1
  shift
  "$dump" "guest:$(echo "$@" | tr ' ' ,)" >"$name.ours" 2>"$name.err" ||
    fail "$name is not read directly: $(cat "$name.err")"
  first=$1
  shift
  "$dump" "appliance:$first" "$@" >"$name.theirs" ||
    fail "$name is not read by the appliance"
  for who in ours theirs; do
    grep -vE '^(fs|note|(/[^ ]*)?/lost\+found) ' "$name.$who" >"$name.$who.tree"
  done
  same_file "$name.theirs.tree" "$name.ours.tree"
}

guest=$(data disks/phony-guests/debian.qcow2)
qemu-img convert -O raw "$guest" debian.raw
agree debian debian.raw
"$decant" analyze --json "$guest" >direct.json 2>said.txt
[ ! -s said.txt ] || fail "reading it directly said: $(cat said.txt)"
"$decant" analyze -q --json --backend appliance "$guest" >appliance.json
for way in direct appliance; do
  jq -S 'del (.guest, .source)' $way.json >$way.profile
done
same_file appliance.profile direct.profile
same 'the way it was read' "$(jq -r .guest.backend direct.json)" ext

requires guestfish --version
mkdir -p root/etc root/usr/lib root/bin
cp /bin/cat root/bin/sh
echo 'ID=tiny' >root/etc/os-release
seq 400000 >root/big
for i in 1 2 3 4; do truncate -s 128M $i.raw; done
# LVM sees the disks in the order in which the kernel found them, which changes;
# and the appliance has no udev that makes device nodes in time for -Zy.
LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg \
guestfish >made.txt 2>&1 <<'END_OF_DISKS' || fail "$(tail -3 made.txt)"
add 1.raw format:raw
add 2.raw format:raw
add 3.raw format:raw
add 4.raw format:raw
run
part-init /dev/sda gpt
part-add /dev/sda p 2048 -2048
debug sh "udevadm settle"
pvcreate /dev/sda1
pvcreate /dev/sdb
vgcreate vg-one "/dev/sda1 /dev/sdb"
debug sh "udevadm settle"
debug sh "lvm lvcreate -y -Zn -L 16M -n root vg-one /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_hd0-part1"
debug sh "lvm lvcreate -y -Zn -L 12M -n gap vg-one /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_hd0-part1"
debug sh "lvm lvextend -y -L +16M vg-one/root /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_hd1"
debug sh "lvm lvextend -y -L +8M vg-one/root /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_hd0-part1"
debug sh "lvm lvcreate -y -Zn -L 24M -i 2 -I 64k -n striped vg-one"
debug sh "lvm lvcreate -y -Zn -L 8M -n far-away vg-one /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_hd1"
debug sh "lvm pvcreate --pvmetadatacopies 2 -y /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_hd2"
debug sh "lvm pvcreate -y /dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_hd3"
vgcreate two "/dev/sdc /dev/sdd"
debug sh "lvm lvcreate -y -L 24M -n plain two"
debug sh "lvm lvcreate -y -L 8M --type raid1 -m 1 -n raid two"
debug sh "lvm lvcreate -y -L 4M -s -n snap two/plain"
debug sh "lvm lvcreate -y -L 8M -T two/pool"
debug sh "lvm lvcreate -y -V 16M -T two/pool -n thin"
mkfs ext4 /dev/vg-one/root
mkfs ext4 /dev/vg-one/striped
mkfs ext4 /dev/vg-one/far-away
mkfs ext4 /dev/two/plain
mount /dev/vg-one/root /
copy-in root/etc root/usr root/bin root/big /
mkdir /srv
mount /dev/vg-one/striped /srv
copy-in root/big /srv
mkdir /srv/far
mount /dev/vg-one/far-away /srv/far
write /srv/far/file "far\n"
write /etc/fstab "/dev/mapper/vg--one-root / ext4 defaults 0 1\n/dev/vg-one/striped /srv ext4 defaults 0 2\n/dev/mapper/vg--one-far--away /srv/far ext4 defaults 0 2\n"
umount-all
mount /dev/two/plain /
copy-in root/etc root/usr root/bin /
umount-all
END_OF_DISKS
before=$(cat ?.raw | sha256sum)

agree pieces 1.raw 2.raw
same 'file systems' "$(grep -c ' /.* clean$' pieces.ours)" 3
grep -q '^/srv/far/file ' pieces.ours || fail 'the volume far-away is missing'
same 'what is big' "$(grep -A1 '^/srv/big ' pieces.ours | grep sha256)" \
  "  sha256:$(sha256sum root/big | cut -d' ' -f1)"

# The origin of a snapshot is read; what it is beside is named.
"$decant" analyze --json 3.raw -a 4.raw >two.json 2>said.txt
same 'the root' "$(jq -r '.guest.filesystems[] | select (.mountpoint == "/") |
  .device' two.json)" /dev/two/plain
state () {
  jq -r --arg d "/dev/two/$1" '.guest.filesystems[] | select (.device == $d) |
    .state' two.json
}
same 'thin' "$(state thin)" \
  "not read: of type 'thin', which only the kernel can put together"
same 'snapshot' "$(state snap)" 'not read: a logical volume which is a snapshot'
same 'raid' "$(state raid)" \
  "not read: of type 'raid1', which only the kernel can put together"

# A disk of the group is missing: nobody can read it.
status=0
"$decant" analyze 1.raw >out.txt 2>said.txt || status=$?
same 'status without a disk' "$status" 1
grep -q 'physical volume that is not on the disks given' said.txt ||
  fail "it is not said what is missing: $(cat said.txt)"
same 'the disks afterwards' "$(cat ?.raw | sha256sum)" "$before"
