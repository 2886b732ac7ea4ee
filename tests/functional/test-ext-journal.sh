#!/bin/sh
# The disk of a machine that stopped without unmounting: the tree is the one
# that the kernel's own recovery gives, and not the one that lies on the disk.

# The mounts are our own: a copy of one in another process's namespace would
# keep it mounted after umount.
if [ -z "${mounts_are_own:-}" ] && unshare -m true 2>/dev/null; then
  mounts_are_own=yes exec unshare -m sh "$0"
fi
. "${0%/*}/functions.sh"
requires_root
requires unshare -m true
requires mke2fs -V
dump=$top_builddir/tests/functional/dump-tree

mkdir mnt
cleanup "umount mnt 2>umount.err"
truncate -s 8M probe.img
mke2fs -q -F -t ext4 probe.img
requires mount -o loop,commit=1 probe.img mnt
umount mnt

# Names, contents and metadata that change again and again, so that a small
# journal goes round and holds many copies of the same blocks; folders whose
# blocks become those of files, so that copies are revoked.
live () {
  change "$1"
  # Contents in the journal would push out all that went before.
  case $2 in *data=journal*) ;; *) reuse ;; esac
  chmod 600 mnt/last
}

change () {
  round=0
  while [ $round -lt "$1" ]; do
    mkdir -p mnt/a/b/c mnt/d
    for n in 1 2 3 4 5 6 7 8; do
      echo "round $round" >"mnt/a/file-$n-$round"
      echo "same $round" >"mnt/d/same-$n"
      mkdir -p "mnt/f$round/g$n"
      : >"mnt/f$round/g$n/file"
    done
    [ $round -lt 3 ] || rm -rf "mnt/f$((round - 3))" "mnt/a/file-1-$((round - 2))"
    # The magic number of the journal itself, at the start of a block.
    printf '\300\073\071\230 %04000d' $round >"mnt/magic-$round"
    mv mnt/d "mnt/e$round"
    sync mnt
    round=$((round + 1))
  done
  echo last >mnt/last
  chmod 700 mnt/a
  setfattr -n user.last -v last mnt/last 2>/dev/null || :
  rm -rf mnt/e1
}

# Every block that was a folder becomes contents.
reuse () {
  mkdir mnt/gone
  for n in 1 2 3 4 5 6 7 8 9; do
    mkdir "mnt/gone/$n"
    (cd "mnt/gone/$n" && perl -e 'for (1 .. 99) {
      open my $f, ">", "a-name-to-fill-the-folder-$_" or die }')
  done
  sync mnt
  rm -rf mnt/gone
  sync mnt
  tr '\000' x </dev/zero 2>/dev/null | dd of=mnt/full bs=64k 2>/dev/null || :
  sync mnt
}

# crash MKE2FS-OPTIONS MOUNT-OPTIONS ROUNDS
crash () {
  # Files of their own each time: mount(8) takes the loop device that a file
  # still has, and the kernel may be about to release it.
  tried=$((tried + 1))
  disk=disk-$tried.img crashed=crashed-$tried.img
  truncate -s 24M $disk
  # shellcheck disable=SC2086 # the options are words
  mke2fs -q -F $1 $disk 2>mke2fs.err || fail "mke2fs $1: $(cat mke2fs.err)"
  mount -o "loop,commit=1$2" $disk mnt 2>mount.err || {
    echo "mount $2: $(cat mount.err), passed over"
    return 0
  }
  live "$3" "$2"
  # Until the last changes are committed, but not yet where they belong.
  tries=0
  while :; do
    cp --sparse=always $disk $crashed
    "$dump" ext:$crashed >ours.txt 2>state.txt
    grep -q '^/last 100600' ours.txt && break
    tries=$((tries + 1))
    [ $tries -lt 100 ] || fail "mke2fs $1, mount $2: nothing was committed"
    perl -e 'select undef, undef, undef, 0.1'
  done
  umount mnt

  grep -q "^$crashed: journal replayed in memory ([1-9][0-9]* blocks*)$" \
    state.txt || fail "mke2fs $1, mount $2: state is $(cat state.txt)"
  cp --sparse=always $crashed stale.img
  mount -o loop $crashed mnt
  "$dump" dir:mnt >all.txt
  umount mnt
  rm $disk $crashed
  # shellcheck disable=SC2016 # awk's
  without='/^\// { out = $1 ~ /^\/lost.found/ } !out && !/^note / { print }'
  awk "$without" all.txt >kernel.txt
  awk "$without" ours.txt >ext.txt
  diff -u kernel.txt ext.txt >diff.txt ||
    fail "mke2fs $1, mount $2: $(head -40 diff.txt)"

  # Without the replay it is another tree: the comparison means something.
  debugfs -w -R 'feature -needs_recovery' stale.img >debugfs.txt 2>&1
  "$dump" ext:stale.img >stale.txt 2>/dev/null || :
  # Now and then the kernel has written all of it back before our copy.
  if awk "$without" stale.txt | cmp -s - kernel.txt; then
    echo "mke2fs $1, mount $2: all was written back already"
  else
    telling=$((telling + 1))
  fi
  done=$((done + 1))
}

tried=0
done=0
telling=0
while IFS='|' read -r mkfs options rounds; do
  crash "$mkfs" "$options" "$rounds"
done <<END
-t ext4||4
-t ext3||4
-t ext4 -b 1024 -J size=1||40
-t ext4 -b 1024 -J size=1|,data=journal|40
-t ext4 -b 4096 -J size=4|,data=journal|20
-t ext4 -O ^64bit,^metadata_csum|,journal_checksum|4
-t ext4 -O ^64bit -b 2048|,journal_async_commit,data=writeback|4
-t ext3 -b 1024 -J size=1|,data=journal|30
END
[ "$done" -ge 6 ] || fail "only $done kinds of journals were compared"
[ "$telling" -ge 3 ] || fail "only $telling journals made a difference"

# Fast commits, which only the kernel knows: said, not passed over.
truncate -s 64M fast.img
mke2fs -q -F -t ext4 -O fast_commit fast.img
if mount -o loop fast.img mnt 2>mount.err; then
  for n in 1 2 3 4 5 6 7 8; do
    echo $n >mnt/file
    sync mnt/file
  done
  cp --sparse=always fast.img fast-crashed.img
  umount mnt
  status=0
  "$dump" ext:fast-crashed.img >ours.txt 2>state.txt || status=$?
  mount -o loop fast-crashed.img mnt
  same 'the last fast commit' "$(cat mnt/file)" 8
  umount mnt
  [ $status = 1 ] || fail "fast commits were passed over: $(cat state.txt)"
  grep -q 'fast commits that are not applied' state.txt ||
    fail "$(cat state.txt)"
fi
