#!/bin/sh
# What the appliance says when there is not exactly one system to read.
. "${0%/*}/functions.sh"
debian=$(data disks/phony-guests/debian.qcow2)
fedora=$(data disks/phony-guests/fedora.qcow2)
requires supermin --version
requires mke2fs -V
dump=$top_builddir/tests/functional/dump-tree

# says WORDS ARGUMENT...: dump-tree fails, and says WORDS.
says () {
  words=$1
  shift
  ! "$dump" "$@" >out.txt 2>err.txt || fail "'$*' was read"
  grep -qF -- "$words" err.txt || fail "'$*' said: $(cat err.txt)"
  [ ! -s out.txt ] || fail "'$*' printed something"
}
mke2fs -q -t ext4 empty.raw 20M
says 'no operating system found' appliance:empty.raw
says "no operating system on '/dev/sda9', only on '/dev/debian/root'" \
  "appliance:$debian" root=/dev/sda9
says "there are several operating systems: '/dev/VG/Root', '/dev/debian/root'" \
  "appliance:$debian" "$fedora"
"$dump" "appliance:$debian" "$fedora" root=/dev/VG/Root >out.txt ||
  fail 'of two systems the one that was named was not read'
grep -q '^/var/lib/rpm/' out.txt || fail 'it was the other one'
