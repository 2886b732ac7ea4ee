#!/bin/sh
# What decant-init makes of tmpfiles.d at its start is what systemd-tmpfiles
# makes of it, for lines of every type and for hostile ones.
. "${0%/*}/functions.sh"
requires_root
requires systemd-tmpfiles --version
requires unshare -upfm --mount-proc true
ours () { ls -ld --time-style=full-iso /etc/os-release /etc/passwd /etc/group; }
before=$(ours)
compile=$top_builddir/tests/functional/dump-initplan
init=$top_builddir/runtime/init/decant-init

# A guest: what the lines meet.
mkdir -p guest/etc/tmpfiles.d guest/usr/lib/tmpfiles.d guest/srv guest/opt \
  guest/usr/local/lib/tmpfiles.d guest/usr/share/factory/etc/tree/sub \
  guest/usr/share/factory/srv guest/run guest/tmp guest/proc guest/data
cat >guest/etc/passwd <<'END'
root:x:0:0::/root:/bin/sh
web:x:4711:4712::/srv/web:/bin/false
END
printf 'root:x:0:\nweb:x:4712:\nlogs:x:4713:web\n' >guest/etc/group
cat >guest/etc/os-release <<'END'
ID=debian
VERSION_ID="12"
END
echo one >guest/usr/share/factory/etc/tree/a
echo two >guest/usr/share/factory/etc/tree/sub/b
ln -s a guest/usr/share/factory/etc/tree/link
chmod 0640 guest/usr/share/factory/etc/tree/a
chown -R 4711 guest/usr/share/factory/etc/tree/sub
echo factory >guest/usr/share/factory/srv/copied
(
  cd guest/data
  mkdir -p wrong full empty tree/sub many trap user gone/sub keep
  echo old >file
  echo 'longer than the new one' >written
  echo old >appended
  echo old >truncated
  echo old >wrong-file
  touch full/there many/a.log many/b.log many/c.txt many/.hidden
  touch tree/sub/x tree/y gone/sub/z keep/me removed wild-1 wild-2
  chmod 0755 tree/sub/x
  ln -s nowhere link
  ln -s file old-link
  ln -s ../../etc tree/away
  mkfifo fifo
  chmod 0600 many/a.log
  # A service's own folder, where it may put links.
  chown 4711:4712 user trap
  ln -s /etc user/etc
  ln -s ../../etc trap/up
  chown -h 4711:4712 user/etc trap/up
  echo secret >trap/hard
  ln trap/hard hard
  echo mine >user/file
  chown 4711 user/file
)
cat >guest/usr/lib/tmpfiles.d/all.conf <<'END'
# type path mode user group age argument
d /run/web 0750 web web -
d /run/web/sub
d   /run/tabs	1777	root	logs	-
D /data/full 0700 web - -
d /data/gone/made/deep 0711 web logs
v /run/v 0700
q /run/q
Q /run/Q :0711 :web :logs
d /data/keep :0711 :web :logs
d /data/keep ~0777
e /data/empty 0710 web web
e /data/emp* 0711
e /data/file 0700
f /run/text 0640 root logs - one\ttwo\n
f /run/spec 0644 - - - %o-%w-%%-%u "quoted" end
f /data/file 0600 web - - not written
f /data/wrong 0600
f+ /data/truncated 0604 - - - new
F /run/capital - - - - capital
f /run/empty
w /data/written - - - - new\n
w+ /data/appended - - - - more
w /data/missing - - - - never
w /data/many/*.log - - - - log
f~ /run/decoded - - - - aGVsbG8gd29ybGQK
f^ /run/credential - - - - no.such
p /run/pipe 0620 web logs
p+ /data/wrong-file 0600
p /data/fifo 0611
L /run/link - - - - ../target%%
L /data/link - - - - /elsewhere
L+ /data/old-link - web web - /new
L+ /data/gone/sub - - - - x
L /run/copied
L /srv/copied
c /run/null 0666 - - - 1:3
b+ /run/block 0660 root logs - 7:200
C /etc/tree
C /data/empty/copy 0700 web logs - /usr/share/factory/etc/tree
C /data/full - - - - /usr/share/factory/etc/tree
C /run/nothing - - - - /usr/share/factory/none
C /srv/file 0600 web - - /usr/share/factory/srv/copied
z /data/many/*.txt 0600 web logs
z /data/tree 0711
m /data/user 0711
Z /data/tree ~0770 web logs
t /data/file - - - - user.one=1 "user.two=a b"
T /data/many - - - - user.deep=x
r /data/removed
r /data/wild-?
r /data/keep
R /data/gone/sub
R! /data/no-such
x /data/x*
X /data/y*
f /run/trailing - - - - text  	
L+ /run/twice - - - - one
L+ /run/twice - - - - two
d! /run/boot 0700
d- /run/quiet 0701
d= /data/wrong= 0755
f= /data/wrong 0610 - - - now a file
z /data/{many/a,nothing,many/b}*.log 0604
d /var/run/old-name 0700
d //run/./slashes// 0700
d "/run/with space" 0700
d /run/later/child 0700 web
d /run/later 0711 logs
d /run/%l-%H
d /run/numbers 0700 12345 54321
END
# Duplicates, order and masks.
cat >guest/etc/tmpfiles.d/masked.conf <<'END'
d /run/etc 0701
END
echo 'd /run/usr 0702' >guest/usr/lib/tmpfiles.d/masked.conf
echo 'd /run/never 0702' >guest/usr/lib/tmpfiles.d/null.conf
ln -s /dev/null guest/etc/tmpfiles.d/null.conf
cat >guest/usr/local/lib/tmpfiles.d/zz.conf <<'END'
d /run/web 0700 root root
f+ /run/text - - - - second
d /run/etc 0711
z /run/web/sub 0705
z /run/web/sub 0706
END
# What systemd refuses, and what leads away.
cat >guest/usr/lib/tmpfiles.d/zzz-bad.conf <<'END'
d relative 0755
d
d /run/bad-mode 9999
d /run/bad-user 0755 nobody-knows
d /run/bad-group 0755 - nobody-knows
y /run/no-type
d? /run/no-modifier
c /run/no-device
w /run/no-text
L~ /run/no-base64 - - - - eA==
d "/run/open 0755
C /run/no-root - - - - relative
d /data/user/etc/made 0777 web
f /data/user/etc/passwd 0666 web
z /data/user/etc/passwd 0666 web
f+ /data/trap/up/group - - - - gone
d /data/trap/up/made
R /data/user/etc/os-release
f /data/user/new 0644 root root - new
d /data/user/folder/deeper 0700
z /data/user/file 0640 web
L+ /data/user/etc - - - - /fine
D /data/trap/up
END
cp -a guest systemd
cp -a guest decant

"$compile" decant >plan 2>findings || fail "cannot compile: $(cat findings)"
for tree in systemd decant; do # what is not from tmpfiles.d
  mkdir -p $tree/run/lock $tree/run/decant
  chmod 1777 $tree/run/lock $tree/tmp
  cp plan "$init" $tree
done
# systemd-tmpfiles does not stay in its root: "R" follows the user's link to
# /etc, which must not be this machine's.
mkdir etc-away
touch etc-away/group etc-away/os-release etc-away/passwd
unshare -um sh -c 'mount --make-rprivate / && mount --bind etc-away /etc &&
  hostname guest && exec systemd-tmpfiles --create --remove --boot \
  --root="$PWD/systemd"' 2>systemd.err || : # some lines are refused
unshare -upfm --mount-proc="$PWD/decant/proc" chroot decant \
  /decant-init /plan >out.txt 2>err.txt || fail "decant-init: $(cat err.txt)"

cat >dump.py <<'END'
import os, stat, sys
top = sys.argv[1]
for folder, folders, files in os.walk(top):
    if folder == top:
        folders.remove('proc')
    for name in sorted(files + folders + ['.']):
        path = os.path.normpath(os.path.join(folder, name))
        st = os.lstat(path)
        kind = stat.filemode(st.st_mode)
        text = ''
        if kind[0] == 'l':
            text = os.readlink(path)
        elif kind[0] in 'bc':
            text = '%d:%d' % (os.major(st.st_rdev), os.minor(st.st_rdev))
        elif kind[0] == '-' and st.st_size < 10000:
            text = repr(open(path, 'rb').read())
        marks = ['%s=%r' % (x, os.getxattr(path, x, follow_symlinks=False))
                 for x in os.listxattr(path, follow_symlinks=False)
                 if x.startswith('user.')]
        print(os.path.relpath(path, top), kind, st.st_uid, st.st_gid, text,
              *sorted(marks))
END
rm -rf decant/run/decant/control decant/run/systemd/journal # its sockets
rmdir decant/run/systemd 2>/dev/null || :
for tree in systemd decant; do
  /usr/bin/python3 dump.py $tree | sort -u >$tree.txt
done
diff -u systemd.txt decant.txt || {
  cat plan findings err.txt systemd.err
  fail 'decant-init made something else than systemd-tmpfiles'
}
[ "$(wc -l <decant.txt)" -gt 90 ] || fail 'nothing was compared'
same "this machine's own files" "$(ours)" "$before"
