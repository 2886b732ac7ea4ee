#!/bin/sh
# Whatever mke2fs is told, the tree read from the disk is the one the kernel
# shows when it is mounted.

# The mounts are our own: a copy of one in another process's namespace would
# keep it mounted after umount.
if [ -z "${mounts_are_own:-}" ] && unshare -m true 2>/dev/null; then
  mounts_are_own=yes exec unshare -m sh "$0"
fi
. "${0%/*}/functions.sh"
requires_root
requires unshare -m true
. "$top_srcdir/tests/functional/odd-tree.sh"
requires mke2fs -V
dump=$top_builddir/tests/functional/dump-tree

mkdir mnt
cleanup "umount mnt 2>umount.err"
truncate -s 8M probe.img
mke2fs -q -F probe.img
requires mount -o loop probe.img mnt
umount mnt

make_odd_tree
head -c 32M /dev/zero | tr '\000' '\377' >ones.img

# What only a disk can tell apart: maps of several levels, blocks that are
# reserved and never written, large xattrs, a folder with an index.
make_disk_tree () {
  mkdir mnt/disk mnt/disk/many
  perl -e 'open my $pieces, ">", "mnt/disk/pieces" or die;
    for my $i (0 .. 299) {
      sysseek $pieces, $i * 8192, 0;
      syswrite $pieces, "piece $i" x 120;
      open my $name, ">", "mnt/disk/many/a-name-that-is-rather-long-$i" or die;
    }'
  dd if=/dev/urandom of=mnt/disk/whole bs=1000 count=1500 2>/dev/null
  fallocate -l 100000 mnt/disk/reserved 2>/dev/null || :
  printf middle | dd of=mnt/disk/reserved bs=1 seek=50000 conv=notrunc \
    2>/dev/null
  for size in 1 50 59 60 61 150 160; do
    head -c $size /dev/urandom >mnt/disk/bytes-$size
    ln -s "$(printf "%0${size}d" 0)" mnt/disk/link-$size
    mkdir mnt/disk/folder-$size
    : >"mnt/disk/folder-$size/$(printf "%0${size}d" 0)"
  done
  setfattr -n user.small -v small mnt/disk/bytes-1
  setfattr -n user.middle -v "$(printf '%0700d' 0)" mnt/disk/bytes-1
  setfattr -n user.large -v "$(printf '%06000d' 0)" mnt/disk/bytes-1 \
    2>/dev/null || :
  echo found >mnt/lost+found/file
  mkdir mnt/disk/lost+found
  touch -d @1234567890 mnt
}

agree () {
  # A file of its own each time: mount(8) takes the loop device that a file
  # still has, and the kernel may be about to release it.
  tried=$((tried + 1))
  disk=disk-$tried.img
  # What nobody has written is not zero here, so that it would be noticed.
  cp --sparse=never ones.img $disk
  # shellcheck disable=SC2086 # the options are words
  mke2fs -q -F -E nodiscard $1 $disk 2>mke2fs.err || {
    echo "mke2fs $1: $(cat mke2fs.err), passed over"
    return 0
  }
  mount -o loop $disk mnt 2>mount.err || {
    echo "mke2fs $1: this kernel does not mount it, passed over"
    return 0
  }
  cp -a c mnt/odd 2>cp.err || :
  make_disk_tree
  "$dump" dir:mnt >all.txt
  umount mnt
  # Of lost+found there is no trace in the tree of the disk.
  awk '/^\// { out = $1 ~ /^\/lost.found/ } !out { print }' all.txt >dir.txt

  before=$(sha256sum <$disk)
  "$dump" ext:$disk >ext.txt 2>state.txt
  same "state of $1" "$(cat state.txt)" "$disk: clean"
  same "disk after reading ($1)" "$(sha256sum <$disk)" "$before"
  rm $disk
  diff -u dir.txt ext.txt >diff.txt || fail "mke2fs $1: $(head -40 diff.txt)"
  done=$((done + 1))
}

tried=0
done=0
while read -r options; do
  agree "$options"
done <<END
-t ext2 -b 1024
-t ext2 -b 4096 -I 128
-t ext3 -b 2048
-t ext4 -b 1024
-t ext4 -b 2048
-t ext4 -b 4096
-t ext4 -I 512
-t ext4 -O ^has_journal
-t ext4 -O bigalloc -C 16384
-t ext4 -O inline_data -I 256
-t ext4 -O inline_data -I 1024 -b 1024
-t ext4 -O metadata_csum_seed
-t ext4 -O ^metadata_csum,uninit_bg
-t ext4 -O ^metadata_csum,^uninit_bg,^64bit
-t ext4 -O large_dir -b 1024
-t ext4 -O ea_inode
-t ext4 -O sparse_super2
-t ext4 -O meta_bg,^resize_inode -b 1024
-t ext4 -O ^flex_bg
-t ext4 -O ^extents,^64bit
-t ext4 -O casefold
-t ext4 -O encrypt,verity,quota,project
-t ext4 -O mmp
-t ext4 -O orphan_file
END
[ "$done" -ge 16 ] || fail "only $done kinds of file systems were compared"
