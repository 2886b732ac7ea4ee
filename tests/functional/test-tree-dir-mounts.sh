#!/bin/sh
# What is mounted below a folder is entered, but not the kernel's own file
# systems.
. "${0%/*}/functions.sh"
requires_root
requires unshare -m true
dump=$top_builddir/tests/functional/dump-tree

mkdir -p c/proc c/sys c/data c/dev
unshare -m sh -e -c '
  mount -t proc proc c/proc
  mount -t sysfs sysfs c/sys
  mount -t tmpfs tmpfs c/data
  mount -t tmpfs tmpfs c/dev
  mknod c/dev/null c 1 3
  mkdir c/dev/shm
  echo here >c/data/file
  ln c/data/file c/data/link
  exec "$1" dir:c' sh "$dump" >out.txt || skip 'cannot mount here'

grep -q '^/data/file 100644 ' out.txt || fail "no data: $(cat out.txt)"
grep -qxF '  == /data/file' out.txt || fail "no hard link: $(cat out.txt)"
same 'folders' "$(sed -n 's/ 04.*//p' out.txt | xargs)" \
  '/ /data /dev /proc /sys'
same 'notes' "$(grep ^note out.txt)" \
  'note /dev: is a mounted devtmpfs, its content left out
note /proc: is a mounted proc, its content left out
note /sys: is a mounted sysfs, its content left out'
