#!/bin/sh
# What cannot be read, or not with certainty, is refused with one sentence.
. "${0%/*}/functions.sh"
requires qemu-img --version
requires qemu-nbd --version
read_disk=$top_builddir/tests/functional/read-disk

head -c 3M /dev/urandom >plain.raw
qemu-img convert -f raw -O qcow2 plain.raw plain.qcow2
qemu-img convert -f raw -c -O qcow2 plain.raw compressed.qcow2

# A raw disk whose guest wrote a header: never followed, whatever is said.
qemu-img create -q -f qcow2 -u -F raw -b /etc/passwd trap.qcow2 1M
truncate -s 256K trap.qcow2
cp trap.qcow2 trap.img
refuses 1 "'trap.img' has a qcow2 header, which the guest of a raw disk could" \
  "$read_disk" bytes trap.img
"$read_disk" -f raw bytes trap.img | cmp - trap.qcow2 || fail 'raw is not raw'
cp trap.qcow2 trap.raw
"$read_disk" bytes trap.raw | cmp - trap.qcow2 || fail '.raw is not raw'
"$read_disk" -n bytes trap.raw | cmp - trap.qcow2 || fail '.raw is not raw'
qemu-img create -q -f qcow2 -F raw -b trap.raw over-trap.qcow2
"$read_disk" bytes over-trap.qcow2 | cmp - trap.qcow2 ||
  fail 'a raw backing file is not raw'

# An overlay that does not say what its backing file is: only if that is sure.
without_format () { # the first extension becomes one that is unknown
  at=$(($(od -An -tu1 -j103 -N1 "$1")))
  same 'the extension' "$(od -An -tx1 -j$at -N4 "$1")" ' e2 79 2a ca'
  printf '\001\001\001\001' | dd of="$1" bs=1 seek=$at conv=notrunc status=none
}
qemu-img create -q -f qcow2 -F raw -b trap.img unsure.qcow2
without_format unsure.qcow2
refuses 1 "does not say of which format its backing file 'trap.img' is" \
  "$read_disk" bytes unsure.qcow2
qemu-img create -q -f qcow2 -F qcow2 -b plain.qcow2 sure.qcow2
without_format sure.qcow2
"$read_disk" bytes sure.qcow2 | cmp - plain.raw || fail 'not read'
qemu-img create -q -f qcow2 -F raw -b plain.qcow2 lie.qcow2
"$read_disk" bytes lie.qcow2 | head -c 3145728 | cmp -n 3145728 - plain.qcow2 ||
  fail 'the stated format does not count'
qemu-img create -q -f qcow2 -u -F qcow2 -b plain.raw lie.qcow2 3M
refuses 1 "the backing file of 'lie.qcow2': 'plain.raw' is not a qcow2 file" \
  "$read_disk" bytes lie.qcow2

# Names that are none.
refuses 1 "cannot open 'none.qcow2': No such file" "$read_disk" info none.qcow2
refuses 1 "'.' is a folder" "$read_disk" info .
: >empty.qcow2
refuses 1 "'empty.qcow2' is empty" "$read_disk" info empty.qcow2
head -c 511 /dev/zero >short.raw
refuses 1 "'short.raw' is 511 bytes, less than a sector" \
  "$read_disk" info short.raw
mkfifo fifo.raw
refuses 1 "neither a regular file nor a block device" \
  "$read_disk" info fifo.raw
refuses 1 "is not a qcow2 file" "$read_disk" -f qcow2 info plain.raw
refuses 1 "disk format 'floppy' is none of" "$read_disk" -f floppy info plain.raw

# A raw disk that does not end at a sector.
head -c 1000 /dev/urandom >odd.raw
same 'an odd end' "$("$read_disk" info odd.raw 2>stderr.txt)" 'raw 512'
grep -q "leaving out its last 488 bytes" stderr.txt || fail 'not told so'
same 'the same over NBD' "$("$read_disk" -n info odd.raw 2>&1 | tail -1)" \
  'raw 512'

# Encrypted.
cp plain.qcow2 locked.qcow2
printf '\000\000\000\002' | dd of=locked.qcow2 bs=1 seek=32 conv=notrunc status=none
refuses 1 "'locked.qcow2': is encrypted (LUKS)" "$read_disk" info locked.qcow2

# Downloads that broke off: at whatever place, never zeros in silence.
for file in plain.qcow2 compressed.qcow2; do
  size=$(stat -c %s $file)
  for percent in 0 1 2 5 8 10 20 50 90 99; do
    head -c $((size * percent / 100 + 1)) $file >cut.qcow2
    refuses_status=0
    "$read_disk" bytes cut.qcow2 >cut.raw 2>stderr.txt || refuses_status=$?
    same "$file cut at $percent %" $refuses_status 1
    same 'one sentence' "$(wc -l <stderr.txt)" 1
  done
done
head -c 1000000 plain.qcow2 >cut.qcow2
refuses 1 "is cut off" "$read_disk" bytes cut.qcow2
for format in vdi vhdx vpc vmdk; do
  qemu-img convert -f raw -O $format plain.raw whole.$format
  for percent in 1 30 60 90; do
    size=$(stat -c %s whole.$format)
    head -c $((size * percent / 100 + 1)) whole.$format >cut.$format
    status=0
    "$read_disk" bytes cut.$format >cut.raw 2>stderr.txt || status=$?
    same "$format cut at $percent %" $status 1
  done
done

# A file that only claims to be large, and one that is corrupt.
qemu-img create -q -f qcow2 large.qcow2 1T
printf '\377\377\377\377' | dd of=large.qcow2 bs=1 seek=36 conv=notrunc status=none
refuses 1 "is too big" "$read_disk" info large.qcow2
cp plain.qcow2 corrupt.qcow2
printf '\000\000\000\002' | dd of=corrupt.qcow2 bs=1 seek=76 conv=notrunc status=none
"$read_disk" bytes corrupt.qcow2 2>stderr.txt | cmp - plain.raw
grep -q "'corrupt.qcow2' is marked as corrupt, reading it as it is" stderr.txt ||
  fail 'not warned'
