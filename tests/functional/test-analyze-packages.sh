#!/bin/sh
# The packages of this host's own dpkg database, and which of them owns a file,
# are what dpkg and apt say.
. "${0%/*}/functions.sh"
requires dpkg-query --version
requires /usr/bin/python3 -c ''
[ -f /var/lib/dpkg/status ] || skip 'this host has no dpkg database'
dump=$top_builddir/tests/functional/dump-facts
daemons=$(data debian-daemons/PACKAGES.tsv)

mkdir -p root/var/lib/apt root/var/lib/dpkg/info
cp /var/lib/dpkg/status root/var/lib/dpkg
cp /var/lib/apt/extended_states root/var/lib/apt 2>/dev/null || :

"$dump" root packages >packages
cut -d'|' -f1-3 packages >ours
dpkg-query --admindir=root/var/lib/dpkg -W \
  -f '${db:Status-Status}|${Package}|${Version}|${Architecture}\n' |
  grep -vE '^(not-installed|config-files)\|' | cut -d'|' -f2- |
  LC_ALL=C sort -t'|' -k1,1 -k3,3 >theirs
same_file theirs ours

if command -v apt-mark >/dev/null; then
  apt-mark -o Dir::State="$work/root/var/lib/apt" \
    -o Dir::State::status="$work/root/var/lib/dpkg/status" showmanual 2>/dev/null |
    sed 's/:.*//' | LC_ALL=C sort -u >theirs
  awk -F'|' '$4 == 1 { print $1 }' packages | LC_ALL=C sort -u >ours
  same_file theirs ours
fi

# What apt calls obsolete or local is in no repository that it has a list of.
mkdir root/var/lib/apt/lists
for file in /var/lib/apt/lists/*Release /var/lib/apt/lists/*_Packages*; do
  [ -f "$file" ] || continue
  case $file in
  *_Packages*) name=$(basename "$file" | sed 's/_Packages.*/_Packages/') ;;
  *) name=$(basename "$file") ;;
  esac
  /usr/lib/apt/apt-helper cat-file "$file" >"root/var/lib/apt/lists/$name"
done
if grep -q '^Package: base-files' root/var/lib/apt/lists/*_Packages 2>/dev/null; then
  "$dump" root json >profile.json
  /usr/bin/python3 - <<'END' >ours
import json
for package in json.load (open ("profile.json"))["packages"]["items"]:
    assert package["foreign"] is not None
    if package["foreign"]:
        print (package["name"])
END
  LC_ALL=C sort -u -o ours ours
  apt list '?obsolete' 2>/dev/null | sed -n 's,/.*,,p' | LC_ALL=C sort -u >theirs
  same_file theirs ours
fi
rm -r root/var/lib/apt/lists

# What every system of the distribution has: at least all that is essential.
dpkg-query --admindir=root/var/lib/dpkg -W -f '${Essential}|${Package}\n' |
  sed -n 's/^yes|//p' | LC_ALL=C sort >essential
awk -F'|' '$5 == 1 { print $1 }' packages | LC_ALL=C sort -u >distribution
[ -z "$(comm -23 essential distribution)" ] ||
  fail "essential, but not of the distribution: $(comm -23 essential distribution)"
[ "$(wc -l <distribution)" -lt "$(wc -l <packages)" ] ||
  fail 'all packages are of the distribution'

# A tree with the files of some lists: Python resolves the links, and the first
# package by name has what several list.
for package in base-files bash coreutils dash grep libc6 tar; do
  cp /var/lib/dpkg/info/$package.list /var/lib/dpkg/info/$package:*.list \
    root/var/lib/dpkg/info 2>/dev/null || :
done
/usr/bin/python3 - <<'END'
import os
lists = "root/var/lib/dpkg/info"
usrmerged = [d for d in ("bin", "sbin", "lib", "lib64") if os.path.islink ("/" + d)]
for d in ("usr/" + d for d in usrmerged):
    os.makedirs ("root/" + d, exist_ok=True)
for d in usrmerged:
    os.symlink ("usr/" + d, "root/" + d)
owners = {}
for name in sorted (os.listdir (lists)):
    package = name[:-len (".list")].split (":")[0]
    for path in open (os.path.join (lists, name)).read ().splitlines ():
        path = "/" if path == "/." else path
        inside = "root" + path
        if not os.path.lexists (inside):
            if os.path.isdir ("/" + path) and not os.path.islink ("/" + path):
                os.makedirs (inside, exist_ok=True)
            else:
                os.makedirs (os.path.dirname (inside), exist_ok=True)
                open (inside, "w").close ()
        folder, last = os.path.split (path)
        real = os.path.realpath ("root" + folder)[len (os.path.realpath ("root")):]
        owners.setdefault ((real + "/" + last).replace ("//", "/"), package)
with open ("theirs", "w") as out:
    for path in sorted (owners, key=os.fsencode):
        if not path.startswith ("/etc/"): # empty conffiles differ from theirs
            out.write (path + "|" + owners[path] + "\n")
END
"$dump" root owners | grep -v '^/etc/' | LC_ALL=C sort >ours
LC_ALL=C sort -o theirs theirs
[ "$(wc -l <theirs)" -gt 500 ] || fail 'the lists are too short'
same_file theirs ours

# Versions of real packages, as a database of nothing else has them.
awk -F'\t' '{ printf "Package: %s\nStatus: install ok installed\n" \
  "Version: %s\nArchitecture: amd64\n\n", $1, $2 }' "$daemons" \
  >root/var/lib/dpkg/status
"$dump" root packages | cut -d'|' -f1-3 >ours
awk -F'\t' '{ print $1 "|" $2 "|amd64" }' "$daemons" |
  LC_ALL=C sort -t'|' -k1,1 >theirs
same_file theirs ours
