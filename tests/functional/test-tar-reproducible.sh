#!/bin/sh
# The same content is the same bytes: in another folder and order, locale,
# time zone, umask, and with another number of cores.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/odd-tree.sh"
write=$top_builddir/tests/functional/write-tar

make_odd_tree
printf 'a layer of more than one block: ' >c/large
seq 1000000 >>c/large
touch -d @1000000000 c/large c
"$write" c 2>first >/dev/null

# again WHAT COMMAND...: it gives the same digests.
again () {
  what=$1
  shift
  "$@" 2>second >/dev/null
  same "$what" "$(cat first)" "$(cat second)"
}
again 'another run' "$write" c
again 'locale C' env LC_ALL=C "$write" c
again 'locale C.UTF-8' env LC_ALL=C.UTF-8 "$write" c
again 'time zone' env TZ=Asia/Kolkata "$write" c
again 'umask' sh -c 'umask 077; "$0" c' "$write"

# As an archive unpacks: other inodes, other order of names in the folders.
cp -a c d
again 'a copy' "$write" d

for kind in gzip zstd; do
  "$write" c $kind 2>first >/dev/null
  again "another run ($kind)" "$write" c $kind
  again "one core ($kind)" taskset -c 0 "$write" c $kind
done
