#!/bin/sh
# What rpm says of its databases in all three formats, of real packages (a
# Fedora's) and of some made here: packages, files and their owners; what is
# held, foreign, in a log that is not yet applied; layers of an image.
. "${0%/*}/functions.sh"
requires /usr/bin/python3 -c 'import sqlite3'
requires rpm --version
requires rpmbuild --version
requires db5.3_load -V
requires sqlite3 --version
requires jq --version
requires guestfish --version
requires_root
dump=$top_builddir/tests/functional/dump-facts
disk=$(data disks/phony-guests/fedora.qcow2)

# build NAME VERSION LINES: a package with a configuration file and a program.
build () {
  cat >"$1.spec" <<END
Name: $1
Version: $2
Release: 1
Summary: x
License: x
BuildArch: noarch
$3
%description
x
%install
mkdir -p %{buildroot}/etc/$1 %{buildroot}/usr/bin
echo $1 >%{buildroot}/etc/$1/$1.conf
echo kept >%{buildroot}/etc/$1/kept.conf
echo $2 >%{buildroot}/usr/bin/$1
ln -s $1 %{buildroot}/usr/bin/$1-link
%files
%dir /etc/$1
%config(noreplace) /etc/$1/$1.conf
%config /etc/$1/kept.conf
%ghost /etc/$1/ghost
/usr/bin/$1
/usr/bin/$1-link
END
  rpmbuild --quiet -bb --define "_topdir $work/top" "$1.spec" >build.log 2>&1 ||
    fail "rpmbuild: $(cat build.log)"
}
build glibc 2.40 'Vendor: House of SUSE
Group: System/Base'
build base-release 1 'Vendor: openSUSE
Requires: (one if two), glibc >= 2'
build one 1.5 'Epoch: 2
Vendor: openSUSE
Requires: /usr/bin/two
Provides: cap(one) = 5'
build two 3~rc1 'Vendor: Somebody Else'
build three 3 ''

peer () {
  rpm --dbpath "$1" -qa --qf '%{NAME}|%{EVR}|%{ARCH}\n' | sed 's/(none)//' |
    LC_ALL=C sort
}
packages () {
  "$dump" "$1" packages | cut -d'|' -f1-3 | LC_ALL=C sort
}

mkdir root
rpm --root "$work/root" --dbpath /var/lib/rpm --nodeps --noscripts -i \
  top/RPMS/noarch/*.rpm >install.log 2>&1 || fail "rpm: $(cat install.log)"
[ -f root/var/lib/rpm/rpmdb.sqlite ] || fail 'no SQLite database'
peer "$work/root/var/lib/rpm" >theirs
packages root >ours
same_file theirs ours
same packages 5 "$(wc -l <ours)"
"$dump" root owners >owners
for line in '/usr/bin/one|one' '/usr/bin/two-link|two' '/etc/one/one.conf|one'; do
  grep -qxF "$line" owners || fail "no '$line'"
done

# A changed %config is nobody's; locks; vendors; what the base needs.
echo changed >root/etc/one/one.conf
mkdir -p root/etc/dnf/plugins root/etc/zypp root/var/lib/zypp
printf '# locks\none-2:1.5-1.*\nthree-9\n' >root/etc/dnf/plugins/versionlock.list
printf 'type: package\nmatch_type: glob\nsolvable_name: tw?\n' >root/etc/zypp/locks
printf '# automatic\nglibc\n' >root/var/lib/zypp/AutoInstalled
"$dump" root owners >owners
grep -q '/etc/one/one.conf' owners && fail 'the changed one.conf has an owner'
"$dump" root json >profile.json
names () {
  jq -r "[.packages.items[] | select ($1) .name] | join (\" \")" profile.json
}
same held 'one two' "$(names .held)"
same foreign 'three two' "$(names .foreign)"
same automatic 'glibc' "$(names '.manual == false')"
same distribution 'base-release glibc one two' "$(names .distribution)"
same version '2:1.5-1' "$(jq -r '.packages.items[] | select (.name == "one") .version' profile.json)"
mkdir -p root/bin
cp /bin/true root/bin/sh # says which machine it is
"$decant" image -q dir:root -o oci:out --explain >layers.txt
for line in 'distribution	usr/bin/glibc	package glibc 2.40-1' \
  'packages	usr/bin/three	package three 3-1' \
  "system	etc/one/one.conf	no package's: configuration, own software or data"; do
  grep -qxF "$line" layers.txt || fail "no '$line' in $(cat layers.txt)"
done

# Why dnf installed it, by its history.
mkdir -p root/var/lib/dnf
sqlite3 root/var/lib/dnf/history.sqlite <<'END'
CREATE TABLE rpm (item_id INTEGER UNIQUE NOT NULL, name TEXT NOT NULL,
  epoch INTEGER NOT NULL, version TEXT NOT NULL, release TEXT NOT NULL,
  arch TEXT NOT NULL,
  CONSTRAINT rpm_unique_nevra UNIQUE (name, epoch, version, release, arch));
CREATE TABLE trans_item (id INTEGER PRIMARY KEY AUTOINCREMENT, trans_id INTEGER,
  item_id INTEGER, repo_id INTEGER, action INTEGER NOT NULL,
  reason INTEGER NOT NULL, state INTEGER NOT NULL);
INSERT INTO rpm VALUES (7, 'one', 2, '1.5', '1', 'noarch'),
  (8, 'one', 2, '1.4', '1', 'noarch'), (9, 'two', 0, '3~rc1', '1', 'noarch'),
  (10, 'gone', 0, '1', '1', 'noarch'), (11, 'three', 0, '3', '1', 'i686');
INSERT INTO trans_item VALUES (1, 1, 8, 1, 1, 2, 1), (2, 2, 7, 1, 6, 1, 1),
  (3, 2, 9, 1, 1, 2, 1), (4, 2, 10, 1, 1, 2, 1), (5, 2, 11, 1, 1, 1, 1);
END
rm root/var/lib/zypp/AutoInstalled
"$dump" root json >profile.json
same 'asked for' two "$(names .manual)"
same 'as dependencies' one "$(names '.manual == false')"

# What rpm --verify finds, less modes and times.
echo more >>root/usr/bin/three
ln -sf other root/usr/bin/one-link
rm root/usr/bin/two
rpm --root "$work/root" --dbpath /var/lib/rpm -Va --nodeps --noscripts 2>/dev/null |
  sed -nE 's/^missing +(c )? */missing /p; s/^(..5|....L).* (c )? *(\/.*)$/changed \3/p' |
  LC_ALL=C sort -k2 >theirs
"$decant" analyze -q --json --verify-packages dir:root >profile.json
jq -r '.packages.verification.files[] | "\(.state) \(.path)"' profile.json |
  LC_ALL=C sort -k2 >ours
same_file theirs ours
same found 4 "$(wc -l <ours)"
same configuration 'changed /etc/one/one.conf' "$(jq -r \
  '.packages.changed_conffiles[] | "\(.state) \(.path)"' profile.json)"

# Committed, but only in the log.
/usr/bin/python3 - <<'END'
import os, shutil, sqlite3
os.makedirs ("wal/var/lib/rpm")
shutil.copy ("root/var/lib/rpm/rpmdb.sqlite", "log.sqlite")
db = sqlite3.connect ("log.sqlite", isolation_level=None)
db.execute ("pragma journal_mode=wal")
db.execute ("pragma wal_autocheckpoint=0")
rows = db.execute ("select hnum, blob from Packages").fetchall ()
for row in rows[:2]:
    db.execute ("delete from Packages where hnum = ?", row[:1])
db.execute ("insert into Packages values (99, ?)", rows[0][1:])
for suffix in "", "-wal":
    shutil.copy ("log.sqlite" + suffix, "wal/var/lib/rpm/rpmdb.sqlite" + suffix)
END
mkdir copy
cp wal/var/lib/rpm/* copy
[ "$(wc -c <copy/rpmdb.sqlite-wal)" -gt 4096 ] || fail 'the log is empty'
packages wal >ours
sqlite3 copy/rpmdb.sqlite 'select count (*) from Packages' >count
same 'in the table' 4 "$(cat count)"
same 'packages with log' 4 "$(wc -l <ours)"

# A real database.  Berkeley DB's is made of its rows: rpm 4.18 reads that
# format, but writes it no more.
mkdir -p fedora bdb/var/lib/rpm ndb/var/lib/rpm
guestfish --ro -a "$disk" -i copy-out /var/lib/rpm "$work/fedora" >/dev/null 2>&1 ||
  skip 'the appliance does not start'
mkdir -p fedora/var/lib
mv fedora/rpm fedora/var/lib/rpm
/usr/bin/python3 - <<'END' | db5.3_load -t hash bdb/var/lib/rpm/Packages
import sqlite3, struct
print ("VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=4096\nHEADER=END")
db = sqlite3.connect ("fedora/var/lib/rpm/rpmdb.sqlite")
last = 0
for number, blob in db.execute ("select hnum, blob from Packages"):
    print (" " + struct.pack ("<I", number).hex () + "\n " + blob.hex ())
    last = max (last, number)
print (" 00000000\n " + struct.pack ("<I", last).hex () + "\nDATA=END")
END
# Debian's rpm knows no ndb, so it is written by its description.
/usr/bin/python3 - <<'END'
import sqlite3, struct, zlib
rows = sqlite3.connect ("fedora/var/lib/rpm/rpmdb.sqlite").execute (
    "select hnum, blob from Packages order by hnum").fetchall ()
pages = (2 + len (rows)) * 16 // 4096 + 1
slots, blobs, block = b"", b"", pages * 4096 // 16
for number, blob in rows:
    size = (16 + len (blob) + 12 + 15) // 16
    body = struct.pack ("<4sIII", b"BlbS", number, 1, len (blob)) + blob
    body += b"\0" * (size * 16 - 12 - len (body))
    blobs += body + struct.pack ("<II4s", zlib.adler32 (body), len (blob), b"BlbE")
    slots += struct.pack ("<4sIII", b"Slot", number, block, size)
    block += size
while len (slots) + 32 < pages * 4096:
    slots += struct.pack ("<4sIII", b"Slot", 0, 0, 0)
header = struct.pack ("<4sIIIIIII", b"RpmP", 0, 1, pages, rows[-1][0] + 1, 0, 0, 0)
open ("ndb/var/lib/rpm/Packages.db", "wb").write (header + slots + blobs)
END
peer "$work/fedora/var/lib/rpm" >theirs
packages fedora >ours
same_file theirs ours
[ "$(wc -l <ours)" -gt 150 ] || fail 'too few packages'
rpm --define '_db_backend bdb_ro' --dbpath "$work/bdb/var/lib/rpm" -qa \
  --qf '%{NAME}|%{EVR}|%{ARCH}\n' 2>/dev/null | sed 's/(none)//' | LC_ALL=C sort >bdb.theirs
same_file theirs bdb.theirs
packages bdb >ours
same_file theirs ours
packages ndb >ours
same_file theirs ours

# All its files: empty ones in their place; the first package has what several
# have, and what is of another content than the package's %config is nobody's.
rpm --dbpath "$work/fedora/var/lib/rpm" -qa --qf \
  '[%{=NAME}|%{=ARCH}|%{FILENAMES}|%{FILEMODES:octal}|%{FILEFLAGS}|%{FILESTATES}\n]' \
  >files
/usr/bin/python3 - <<'END'
import os
rows = [line.rstrip ("\n").split ("|") for line in open ("files")]
rows.sort (key=lambda row: (row[0].encode (), row[1].encode ()))
for name in "bin", "sbin", "lib", "lib64":
    os.makedirs ("fedora/usr/" + name)
    os.symlink ("usr/" + name, "fedora/" + name)
def place (path):
    folder, last = os.path.split (path)
    return os.path.realpath ("fedora" + folder)[len (os.path.realpath ("fedora")):] + "/" + last
for row in sorted (rows, key=lambda row: row[2].encode ()):
    path, kind = "fedora" + row[2], int (row[3], 8) & 0o170000
    if kind == 0o040000:
        os.makedirs (path, exist_ok=True)
for row in rows:
    path, kind = "fedora" + row[2], int (row[3], 8) & 0o170000
    os.makedirs (os.path.dirname (path), exist_ok=True)
    if kind != 0o040000 and not os.path.lexists (path):
        open (path, "w").close ()
owners = {}
config = {place (row[2]) for row in rows if int (row[4]) & 1 and not int (row[4]) & 64}
for row in rows:
    if row[5] in ("0", "normal", "(none)"):
        owners.setdefault (place (row[2]), row[0])
with open ("theirs", "w") as out:
    for path in owners:
        if path not in config:
            out.write (path + "|" + owners[path] + "\n")
open ("config", "w").write ("".join ("%s|\n" % path for path in config))
END
mv fedora/var/lib/rpm/rpmdb.sqlite one.sqlite
for database in one.sqlite:rpmdb.sqlite bdb/var/lib/rpm/Packages:Packages \
  ndb/var/lib/rpm/Packages.db:Packages.db; do
  rm -f fedora/var/lib/rpm/*
  cp "${database%:*}" "fedora/var/lib/rpm/${database#*:}"
  "$dump" fedora owners | grep -vFf config | LC_ALL=C sort >ours
  LC_ALL=C sort theirs | grep -vFf config >sorted
  same_file sorted ours
  [ "$(wc -l <ours)" -gt 30000 ] || fail 'too few files'
done
