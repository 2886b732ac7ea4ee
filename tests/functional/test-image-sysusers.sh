#!/bin/sh
# The users and groups that decant makes of sysusers.d are those that
# systemd-sysusers makes, with their numbers.
. "${0%/*}/functions.sh"
requires_root
requires systemd-sysusers --version
requires unshare -u true
dump=$top_builddir/tests/functional/dump-sysusers

# guest NAME: an empty one, its files come next.
guest () {
  mkdir -p $1/etc/sysusers.d $1/usr/lib/sysusers.d $1/srv
  cat >$1/etc/passwd <<'END'
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
taken:x:999:998::/:/bin/false
old:x:500:997::/:/bin/false
END
  cat >$1/etc/group <<'END'
root:x:0:
daemon:x:1:
taken:x:998:
other:x:996:zoe,adam
old:x:997:
END
  : >$1/etc/shadow
  : >$1/etc/gshadow
  printf 'ID=debian\nVERSION_ID=12\n' >$1/etc/os-release
}

# same NAME: as systemd has it.  How the password is locked is our own.
same () {
  cp -a $1 $1.systemd
  "$dump" $1 2>findings || fail "cannot read: $(cat findings)"
  unshare -u sh -c "hostname guest; exec systemd-sysusers --root=$PWD/$1.systemd" \
    2>systemd.err || :
  sed -i 's/:!\*:/:x:/' passwd.new
  for file in passwd group; do
    diff -u $1.systemd/etc/$file $file.new || {
      cat findings systemd.err
      fail "$1: another $file than that of systemd-sysusers"
    }
  done
}

guest fixed
cat >fixed/usr/lib/sysusers.d/a.conf <<'END'
# Type Name ID GECOS Home Shell
u root    0     "Super"       /root
u daemon  7
u web     404   "Web server"  /srv/web /bin/sh
u auto    -     "Automatic"
u auto2   -     -             /var/lib/auto2
g logs    405
g free    -
m web     logs
m auto    other
m zoe     other
m newuser newgroup
m daemon  root
u high    70000
u clash   404   "Number is taken"
g clashg  405
u sameid  999
u pair    600:996
u named   601:logs
u none    -:logs
u %o-user -     "On %o %w"
u web     410   "Second line on a name"
END
same fixed

guest paths
cat >paths/usr/lib/sysusers.d/p.conf <<'END'
u byfile  /srv/file
g bygroup /srv/file
u missing /srv/none
u rooted  /srv/rooted
u far     /srv/far
END
touch paths/srv/file paths/srv/rooted paths/srv/far
chown 333:334 paths/srv/file
chown 70000:335 paths/srv/far
same paths

guest ranges
cat >ranges/usr/lib/sysusers.d/r.conf <<'END'
r -  500-503
r -  800
u a  -
u b  -
g c  -
u d  -
u e  -
u f  -
END
same ranges

guest masked
echo 'u one 410' >masked/usr/lib/sysusers.d/one.conf
ln -s /dev/null masked/etc/sysusers.d/one.conf
echo 'u two 411' >masked/usr/lib/sysusers.d/two.conf
echo 'u two 412' >masked/etc/sysusers.d/two.conf
printf '+nis::::::\n' >>masked/etc/passwd
printf '+:::\n' >>masked/etc/group
same masked

guest bad
cat >bad/usr/lib/sysusers.d/b.conf <<'END'
u
x name
u 1digit 410
u toolongnametoolongnametoolongname 411
u col:on 412
u good 413 "a:b"
u relative 414 - srv
u minus -1
u placeholder 65535
g withhome 415 - /srv
m onlyuser
m web logs more
r name 1-2
r - 9-1
r - 910-920
u fine 416
u extra 417 - / /bin/sh more
u nosuch 418:nosuchgroup
END
same bad

guest plain
echo 'u daemon 7' >plain/usr/lib/sysusers.d/a.conf
same plain
cmp plain/etc/passwd passwd.new || fail 'a guest that needs nobody got somebody'

# They are in the image.
mkdir -p fixed/usr/bin
cp /bin/true fixed/usr/bin/sh # tells the architecture
"$decant" image dir:fixed -q -o oci:users --compression gzip || fail 'no image'
for blob in users/blobs/sha256/*; do gzip -dcf "$blob"; done >all.tar
grep -aq '^web:!\*:404:404:Web server:/srv/web:/bin/sh$' all.tar ||
  fail 'the image has no user of sysusers.d'
