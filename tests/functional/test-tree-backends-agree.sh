#!/bin/sh
# One content with everything odd, as a folder and as archives of GNU tar and
# bsdtar: the tree is the same, byte for byte.
. "${0%/*}/functions.sh"
requires_root
for tool in 'tar --version' 'bsdtar --version' 'perl -MSocket -e 1' \
  'setfattr --version' 'setfacl --version' 'setcap -h'; do
  requires $tool
done
dump=$top_builddir/tests/functional/dump-tree
umask 022

make_names () {
  # Every byte that a name may hold; "x" around it, since $() eats newlines.
  mkdir c/names
  i=1
  while [ $i -lt 256 ]; do
    [ $i = 47 ] || : >"c/names/$(printf "x\\$(printf %03o $i)x")"
    i=$((i + 1))
  done
  long=$(printf '%0255d' 0)
  : >"c/names/$long"
  mkdir -p "c/$long/$long/$long/$long/$long"
  echo deep >"c/$long/$long/$long/$long/$long/file"
  # Order of paths is not order of names.
  mkdir c/order c/order/a c/order/a.d c/order/a-
  : >c/order/a/z; : >c/order/a0; : >c/order/a-b; : >c/order/a.d/x
  : >c/order/a-/y
}

make_files () {
  : >c/empty
  printf 'hello\n' >c/plain
  truncate -s 5000000 c/sparse
  printf data | dd of=c/sparse bs=1 seek=1000000 conv=notrunc 2>/dev/null
  printf data | dd of=c/sparse bs=1 seek=3000001 conv=notrunc 2>/dev/null
  truncate -s 1000000 c/hole
  mkdir c/one c/two
  printf 'linked\n' >c/two/a
  ln c/two/a c/one/z
  ln c/two/a c/two/b
  ln -s c/two c/one/l
  ln c/one/l c/two/l
  mkfifo c/fifo
  perl -MSocket -e 'socket S, PF_UNIX, SOCK_STREAM, 0 or die;
    bind S, sockaddr_un ("c/socket") or die'
  mknod c/null c 1 3
  mknod c/loop0 b 7 0
  : >c/.wh.gone
  mkdir c/.wh.folder
  : >c/.wh.folder/file
}

make_links () {
  mkdir c/links
  ln -s self c/links/self
  ln -s b c/links/a
  ln -s a c/links/b
  ln -s /etc/passwd c/links/absolute
  ln -s ../../../.. c/links/above
  ln -s "$(printf 'caf\351 \303\251\001')" c/links/bytes
  ln -s "$(printf '%04095d' 0)" c/links/longest
}

make_metadata () {
  mkdir c/meta
  cd c/meta
  for name in big setuid old older epoch new capable attributes acl; do
    echo $name >$name
  done
  mkdir sticky default
  chown 4294967294:4000000000 big
  chmod 6755 setuid
  chmod 1777 sticky
  touch -d @-1.5 old
  touch -d @-2000000000 older
  touch -d @0.999999999 epoch
  touch -d @5000000000.5 new
  setcap cap_net_raw,cap_net_bind_service+ep capable
  setfattr -n user.empty attributes
  setfattr -n user.text -v 'with = and "' attributes
  setfattr -n user.binary -v 0x00ff0a3d00 attributes
  setfattr -n trusted.left_out -v 1 attributes
  setfattr -n user.folder -v 1 sticky
  setfacl -m u:1000:rwx,u:7:r,g:300000:r-x acl
  setfacl -m u:1000:rwx,d:u:1000:r-x,d:g:7:--- default
  : >default/inherits
  cd ../..
}

mkdir c
make_names
make_files
make_links
make_metadata
chown 3:4 c
chmod 750 c
touch -d @1000000000.7 c

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
