#!/bin/sh
# The tree of a guest is the one its fstab makes of the partitions of all its
# disks, however it names them.
. "${0%/*}/functions.sh"
requires mke2fs -V
requires sfdisk --version
requires mkfs.vfat --help
requires mkswap --version
requires debugfs -V
dump=$top_builddir/tests/functional/dump-tree

# part DISK START-MIB SIZE-MIB FOLDER MKE2FS-OPTIONS...
part () {
  part_disk=$1 part_start=$2 part_size=$3 part_folder=$4
  shift 4
  mke2fs -q -F -E "offset=$((part_start * 1048576))" -d "$part_folder" "$@" \
    "$part_disk" "${part_size}M" 2>mke2fs.err || fail "$(cat mke2fs.err)"
}

mkdir -p root/etc root/usr/lib root/var/hidden root/srv root/opt var/lib \
  data/more more/a whole
echo 'PRETTY_NAME="Test 1"' >root/usr/lib/os-release
ln -s ../usr/lib/os-release root/etc/os-release
echo root >root/file
echo var >var/lib/file
echo hidden >root/var/hidden/file
echo data >data/file
echo hidden >data/more/file
echo more >more/a/file
echo whole >whole/file

cat >root/etc/fstab <<'END'
# <file system> <mount point> <type> <options> <dump> <pass>
UUID=11111111-1111-1111-1111-111111111111 / ext4 errors=remount-ro 0 1
LABEL="my\040var"	/var/	ext4	defaults	0	2
PARTLABEL=EFI  /boot/efi  vfat  umask=0077  0  1
/dev/vdb1 /srv/data ext3 defaults,nofail 0 2
PARTUUID=0bad1dea-05 /srv/data/more ext2 defaults 0 2
/dev/disk/by-label/the\134x20whole /opt/new/place ext4 defaults
UUID=22222222-2222-2222-2222-222222222222 none swap sw 0 0
tmpfs /tmp tmpfs defaults
proc /proc proc defaults
server:/export /srv/net nfs defaults
//server/share /srv/share cifs defaults
/dev/sr0 /media/cdrom udf,iso9660 user,noauto
LABEL=gone /gone ext4 defaults
LABEL=away /away ext4 nofail
/srv/data /srv/again none bind
/dev/sda3 /srv/../up ext4 defaults
END

truncate -s 40M one.raw
sfdisk -q one.raw <<'END'
label: gpt
start=2048, size=4096, type=U, name=EFI
start=8192, size=24576, type=L
start=32768, size=16384, type=L
start=53248, size=4096, type=S
END
mkfs.vfat --offset 2048 one.raw 2048 >/dev/null 2>&1 ||
  mkfs.vfat -C efi.raw 2048 >/dev/null
[ ! -f efi.raw ] || dd if=efi.raw of=one.raw bs=1M seek=1 conv=notrunc 2>/dev/null
part one.raw 4 12 root -t ext4 -U 11111111-1111-1111-1111-111111111111
part one.raw 16 8 var -t ext4 -L 'my var'
truncate -s 2M swap.raw
mkswap -q -U 22222222-2222-2222-2222-222222222222 swap.raw
dd if=swap.raw of=one.raw bs=1M seek=26 conv=notrunc 2>/dev/null

truncate -s 30M two.raw
sfdisk -q two.raw <<'END'
label: dos
label-id: 0x0bad1dea
start=2048, size=16384, type=83
start=20480, size=40960, type=5
start=22528, size=8192, type=83
END
part two.raw 1 8 data -t ext3
part two.raw 11 4 more -t ext2

# mke2fs does not copy the mode of the folder itself.
mode () {
  debugfs -w -R "sif / mode $3" "$1?offset=$(($2 * 1048576))" >/dev/null 2>&1
}
mode one.raw 16 040711
mode two.raw 11 041777

truncate -s 8M three.raw
mke2fs -q -F -t ext4 -L 'the whole' -d whole three.raw

"$dump" guest:one.raw,two.raw,three.raw >guest.txt 2>warnings.txt ||
  fail "$(cat warnings.txt)"
grep '^fs ' guest.txt | sed 's/ [0-9]* \([a-z]\)/ \1/' >fs.txt
cat >expected.txt <<'END'
fs LABEL=gone ext4 '' /gone not found
fs LABEL=away ext4 '' /away not found
fs /dev/sda1 vfat '' /boot/efi not read: no container needs it
fs /dev/sda2 ext4 '' / clean
fs /dev/sda3 ext4 'my var' /var clean
fs /dev/sda4 swap '' - not mounted
fs /dev/sdb1 ext3 '' /srv/data clean
fs /dev/sdb2  '' - not mounted
fs /dev/sdb5 ext2 '' /srv/data/more clean
fs /dev/sdc ext4 'the whole' /opt/new/place clean
END
same_file expected.txt fs.txt
cat >expected.txt <<'END'
warning: '/gone' is on 'LABEL=gone', which is on none of the disks given, going on without it
warning: fstab line 16: '/srv/again' shows '/srv/data', which is not followed, going on without it
warning: fstab line 17: '/srv/../up' is no plain path, skipping
END
same_file expected.txt warnings.txt
! grep '^note ' guest.txt || fail 'there are notes'

# has PATH-AND-MODE: a line of the tree begins so.
has () { grep -q "^$1 " guest.txt || fail "no '$1'"; }
has '/file 100644'
has '/var 040711'
has '/var/lib/file 100644'
has '/srv/data/file 100644'
has '/srv/data/more 041777'
has '/srv/data/more/a/file 100644'
has '/opt/new 040755'
has '/opt/new/place/file 100644'
has '/etc/os-release 120777'
! grep -q hidden guest.txt || fail 'what is below a mountpoint shows'
! grep -q lost+found guest.txt || fail 'lost+found shows'
for word in root var data more whole; do
  grep -q "$(echo $word | sha256sum | cut -d' ' -f1)" guest.txt ||
    fail "no file with '$word' in it"
done

# With other disks the names are others: the lines that give names of devices
# mean others, those that give labels do not.
"$dump" guest:one.raw,three.raw >guest.txt 2>warnings.txt ||
  fail "$(cat warnings.txt)"
for line in "/dev/sda2 ext4 '' /" "/dev/sdb ext4 'the whole' /opt/new/place"; do
  grep -q "^fs $line " guest.txt || fail "no '$line': $(grep '^fs' guest.txt)"
done
for device in /dev/vdb1 PARTUUID=0bad1dea-05; do
  grep -q "^fs $device .* not found$" guest.txt ||
    fail "$device: $(grep '^fs' guest.txt)"
done
! grep -q /dev/vdb1 warnings.txt || fail 'a warning of a line with nofail'
