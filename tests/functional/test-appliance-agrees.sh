#!/bin/sh
# What the appliance reads of a disk is what was put on it, and what we read of
# it ourselves, byte for byte; also when the journal has to be replayed.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/odd-tree.sh"
requires supermin --version
requires unshare -m true
dump=$top_builddir/tests/functional/dump-tree

make_odd_tree
rm c/links/longest # longer than a block of ext4 takes
make_system /dev/sda
touch -d @1000000000.7 c
"$dump" dir:c | grep -v ^note >dir

# mke2fs -d would lose the root's metadata, late times and links to links.
truncate -s 200M odd.raw
mke2fs -q -t ext4 -I 256 odd.raw || fail 'cannot make a file system'
mkdir mnt
unshare -m sh -e -c '
  mount -o loop odd.raw mnt
  cp -a c/. mnt/
  sync -f mnt
  cp --sparse=always odd.raw dirty.raw
  umount mnt' || skip 'cannot mount here'

# reads DISK STATE: its tree is that of c, whoever reads it.
reads () {
  "$dump" "ext:$1" 2>"$1.err" >"$1.all" || fail "we did not read $1"
  grep -vE '^(note|/lost\+found) ' "$1.all" >"$1.txt"
  same_file dir "$1.txt"
  "$dump" "appliance:$1" >"$1.all" || fail "$1 was not read"
  same "file systems of $1" "$(grep '^fs ' "$1.all")" \
    "fs /dev/sda ext4 '' / 209715200 $2"
  grep -vE '^(note|fs|/lost\+found) ' "$1.all" >"$1.txt"
  same_file dir "$1.txt"
}
reads odd.raw 'read by the appliance'
reads dirty.raw 'replayed by the appliance'
