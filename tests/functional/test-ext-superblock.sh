#!/bin/sh
# A file system whose superblock is gone is read by one of the copies, and
# its journal is still replayed.
. "${0%/*}/functions.sh"
requires mke2fs -V
requires debugfs -V
dump=$top_builddir/tests/functional/dump-tree

mkdir -p files/folder
for n in 1 2 3 4 5 6 7 8 9; do echo $n >files/folder/file-$n; done

# state FILE WORDS: it opens, is what disk.img was, and says WORDS.
state () {
  "$dump" "ext:$1" >tree.txt 2>state.txt || fail "$1: $(cat state.txt)"
  same "state" "$(cat state.txt)" "$1: $2"
  same_file disk.txt tree.txt
}

for size in 1024 2048 4096; do
  rm -f disk.img
  truncate -s 200M disk.img
  mke2fs -q -F -t ext4 -b $size -d files disk.img
  "$dump" ext:disk.img >disk.txt 2>/dev/null
  cp --sparse=always disk.img broken.img
  dd if=/dev/zero of=broken.img bs=1024 seek=1 count=1 conv=notrunc 2>/dev/null
  state broken.img "clean, superblock taken from its copy in block $((
    size * 8 + (size == 1024)))"
done

# One bit in a field that nobody needs: the checksum is wrong, the copy right.
cp --sparse=always disk.img broken.img
printf x | dd of=broken.img bs=1 seek=$((1024 + 136)) conv=notrunc 2>/dev/null
state broken.img 'clean, superblock taken from its copy in block 32768'

# No copy either.
truncate -s 6M small.img
mke2fs -q -F -t ext4 -d files small.img
"$dump" ext:small.img >disk.txt 2>/dev/null
printf x | dd of=small.img bs=1 seek=$((1024 + 136)) conv=notrunc 2>/dev/null
state small.img 'clean, superblock has a wrong checksum'

# A copy does not know that the journal must be replayed; the journal does.
perl -e 'print substr ("new " x 2000, 0, 4096)' >new.block
cat >commands <<END
jo
jw -b $(debugfs -R 'bmap /folder/file-1 0' disk.img 2>/dev/null) new.block
jc
END
debugfs -w -f commands disk.img >/dev/null 2>&1
"$dump" ext:disk.img >disk.txt 2>state.txt
same 'state' "$(cat state.txt)" 'disk.img: journal replayed in memory (1 block)'
dd if=/dev/zero of=disk.img bs=1024 seek=1 count=1 conv=notrunc 2>/dev/null
state disk.img 'journal replayed in memory (1 block), superblock taken from its copy in block 32768'

# As the kernel marks it after an error.
truncate -s 20M marked.img
mke2fs -q -F -t ext4 -d files marked.img
"$dump" ext:marked.img >disk.txt 2>/dev/null
debugfs -w -R 'ssv state 2' marked.img >/dev/null 2>&1
state marked.img 'clean, marked as damaged by its kernel'
rm marked.img
truncate -s 20M marked.img
mke2fs -q -F -t ext2 -d files marked.img
"$dump" ext:marked.img >disk.txt 2>/dev/null
debugfs -w -R 'ssv state 0' marked.img >/dev/null 2>&1
state marked.img 'not unmounted cleanly'
