# Sourced by tests that need a tree with everything odd in it, after
# functions.sh:  . "$top_srcdir/tests/functional/odd-tree.sh"
requires_root
for tool in 'perl -MSocket -e 1' 'setfattr --version' 'setfacl --version' \
  'setcap -h'; do
  requires $tool
done

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

# As much of a Debian system in c as libguestfs wants to see.
make_system () {
  mkdir c/bin c/dev c/etc c/home c/usr c/var
  cp "$(command -v ls)" c/bin/ls
  printf 'ID=debian\nVERSION_ID="12"\n' >c/etc/os-release
  echo 12.5 >c/etc/debian_version
  echo "$1 / ext4 defaults 0 1" >c/etc/fstab
  echo odd >c/etc/hostname
}

# The folder c in the current one.
make_odd_tree () {
  umask 022
  mkdir c
  make_names
  make_files
  make_links
  make_metadata
  chown 3:4 c
  chmod 750 c
  touch -d @1000000000.7 c
}
