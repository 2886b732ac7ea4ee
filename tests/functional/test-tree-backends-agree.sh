#!/bin/sh
# One content with everything odd, as a folder and as archives of GNU tar and
# bsdtar: the tree is the same, byte for byte.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/odd-tree.sh"
requires tar --version
requires bsdtar --version
dump=$top_builddir/tests/functional/dump-tree

make_odd_tree

# What a tree is, without what is not in it: GNU tar leaves out sockets itself.
entries () { "$dump" "$1" >"$2.all" && grep -v '^note ' "$2.all" >"$2"; }

gnu='tar --format=pax --xattrs --xattrs-include=* --acls --numeric-owner'
entries dir:c dir
# Each way to write it must have come out as the folder has it.
agrees () {
  entries "$2" "$1"
  same_file dir "$1"
}
$gnu -cf gnu.tar -C c . 2>gnu.err
agrees gnu tar:gnu.tar
$gnu --sparse -cf sparse.tar -C c . 2>gnu.err
agrees sparse tar:sparse.tar
$gnu --sparse --sparse-version=0.1 -czf old.tgz -C c . 2>gnu.err
agrees sparse-0.1 tar:old.tgz
bsdtar --format pax --xattrs --acls --numeric-owner -cf bsd.tar -C c . 2>bsd.err
entries tar:bsd.tar bsd.raw
# bsdtar writes the time -1.5 as -2.5.
sed '/^\/meta\/old /s/ -3$/ -2/' bsd.raw >bsdtar
same_file dir bsdtar
zstd -q <gnu.tar | "$dump" tar:- | grep -v '^note ' >pipe
same_file dir pipe

# And it is what was made: a few that the readers could be wrong about alike.
has () { grep -qxF -- "$1" dir || fail "no '$1' in: $(cat dir)"; }
has '/ 040750 3:4 0 1000000000'
has '/meta/old 100644 0:0 4 -2'
has '/meta/new 100644 0:0 4 5000000000'
has '/meta/big 100644 4294967294:4000000000 4 '"$(stat -c %Y c/meta/big)"
has '/two/a 100644 0:0 7 '"$(stat -c %Y c/two/a)"
has '  == /one/z'
has '  xattr user.binary=00ff0a3d00'
has '/fifo 010644 0:0 0 '"$(stat -c %Y c/fifo)"
grep -qE '^/(null|loop0|socket|\.wh)' dir && fail 'something was not left out'
grep -q trusted dir && fail 'a trusted xattr is there'
same 'files with names of one odd byte' 254 "$(grep -c '^/names/x' dir)"
same 'notes' "$(grep ^note dir.all)" "note /.wh.folder: has a name that means \
a deleted file in an image, left out
note /.wh.gone: has a name that means a deleted file in an image, left out
note /loop0: is a device node, left out
note /null: is a device node, left out
note /socket: is a socket, left out"
