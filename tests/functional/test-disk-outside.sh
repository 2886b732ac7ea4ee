#!/bin/sh
# A disk file that names files outside its folder is refused with a sentence,
# and QEMU in its jail cannot open them when nobody checks the names.
. "${0%/*}/functions.sh"
requires qemu-img --version
requires qemu-nbd --version
read_disk=$top_builddir/tests/functional/read-disk

mkdir images
head -c 1M /dev/urandom >secret.raw
head -c 1M /dev/zero >images/inside.raw
ln -s ../secret.raw images/link.raw
ln -s inside.raw images/good-link.raw
ln -s "$work/images" images-too
cd images

overlay () { # overlay FILE BACKING-NAME [FORMAT]
  qemu-img create -q -f qcow2 -u -F "${3:-raw}" -b "$2" "$1" 1M
}
overlay absolute.qcow2 "$work/secret.raw"
overlay parent.qcow2 ../secret.raw
overlay crafty.qcow2 "$work/images/../secret.raw"
overlay link.qcow2 link.raw
overlay proc.qcow2 /proc/self/environ
overlay passwd.qcow2 /etc/passwd
overlay good-link.qcow2 good-link.raw
overlay spelled.qcow2 "$work/images-too/inside.raw"
overlay dots.qcow2 sub/../././inside.raw
overlay gone.qcow2 gone.raw
mkdir sub
overlay folder.qcow2 sub
mkfifo fifo.raw
overlay fifo.qcow2 fifo.raw

# What lies outside is not looked at: it is all the same if it exists.
overlay none.qcow2 /no/such/file
for file in absolute parent crafty link proc passwd none; do
  refuses 1 "outside its folder; say --allow-backing FILE" \
    "$read_disk" bytes $file.qcow2
done
refuses 1 "'passwd.qcow2' names the backing file '/etc/passwd'" \
  "$read_disk" bytes passwd.qcow2
refuses 1 "the backing file of 'gone.qcow2': cannot open 'gone.raw'" \
  "$read_disk" bytes gone.qcow2
refuses 1 "'sub' is a folder" "$read_disk" bytes folder.qcow2
refuses 1 "'fifo.raw': is neither a regular file nor a block device" \
  "$read_disk" bytes fifo.qcow2

# Links and dots inside the folder are nobody's business.
"$read_disk" bytes good-link.qcow2 | cmp - inside.raw
"$read_disk" bytes dots.qcow2 | cmp - inside.raw || fail 'dots'
"$read_disk" bytes "$work/images-too/spelled.qcow2" | cmp - inside.raw ||
  fail 'a folder spelled as the user does'

# What the user lists is used, by whatever name; not what else is beside it.
for file in absolute parent crafty link; do
  "$read_disk" -a nothing -a "../images/../secret.raw" bytes $file.qcow2 |
    cmp - ../secret.raw || fail "$file is not allowed"
done
refuses 1 "outside its folder" "$read_disk" -a ../secret.raw bytes passwd.qcow2

# QEMU's protocols are no files.
for name in nbd://localhost/x https://localhost/x ssh://h/x fat:/etc \
  'json:{"driver":"file","filename":"/etc/passwd"}' file:/etc/passwd; do
  overlay protocol.qcow2 "$name"
  refuses 1 "which is no file" "$read_disk" bytes protocol.qcow2
done

# Data files, extents, parents.
qemu-img create -q -f qcow2 -o data_file="$work/data.bin" data.qcow2 1M
cp ../secret.raw ../data.bin
refuses 1 "names the data file '$work/data.bin' outside its folder" \
  "$read_disk" bytes data.qcow2
"$read_disk" -a ../data.bin info data.qcow2 >said.txt
descriptor () { # descriptor FILE EXTENT-LINE [MORE]
  printf '# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\n' >"$1"
  printf 'createType="monolithicFlat"\n%s\n%s\n' "$2" "${3:-}" >>"$1"
}
descriptor passwd.vmdk 'RW 1 FLAT "/etc/passwd" 0'
descriptor parent.vmdk 'RW 2048 FLAT "../secret.raw" 0'
descriptor link.vmdk 'RW 2048 FLAT "link.raw" 0'
descriptor two.vmdk "$(printf 'RW 1 FLAT "inside.raw" 0\nRW 1 FLAT "/etc/passwd" 0')"
descriptor delta.vmdk 'RW 2048 FLAT "inside.raw" 0' \
  'parentFileNameHint="/etc/passwd"'
for file in passwd parent link two delta; do
  refuses 1 "outside its folder" "$read_disk" bytes $file.vmdk
done

# The same files, QEMU's own way in the jail: it must fail, or give nothing of
# what is outside.  Without the jail it would serve each.
for file in absolute.qcow2 parent.qcow2 crafty.qcow2 link.qcow2 data.qcow2 \
  passwd.qcow2 passwd.vmdk parent.vmdk link.vmdk two.vmdk; do
  qemu-img convert -O raw $file served.raw 2>/dev/null ||
    fail "$file is no threat: QEMU alone does not serve it"
  refuses 1 'Permission denied' "$read_disk" jailed "$PWD/$file"
done
refuses 1 'Permission denied' "$read_disk" jailed "$PWD/protocol.qcow2"

# A chain without an end, and one that is too long.
overlay end.qcow2 self.qcow2 qcow2
mv end.qcow2 self.qcow2
refuses 1 "more than 31 backing files" "$read_disk" bytes self.qcow2
