#!/bin/sh
# What an Alpine root's own apk says of it: packages, owners of files, changed
# configuration; and an image of it has the distribution in a layer of its own.
. "${0%/*}/functions.sh"
requires /usr/bin/python3 -c ''
requires jq --version
requires_root
dump=$top_builddir/tests/functional/dump-facts

for version in 3.10.9 3.18.9 3.20.3; do
  tar=$(data "rootfs/alpinelinux+docker-alpine@v${version%.*}/x86_64/alpine-minirootfs-$version-x86_64.tar.gz")
  rm -rf root
  mkdir root
  tar -xzf "$tar" -C root
  chroot root /sbin/apk --version >/dev/null 2>&1 || skip 'no chroot into Alpine'

  chroot root /sbin/apk list --installed 2>/dev/null |
    sed 's/ .*//' | LC_ALL=C sort >theirs
  "$dump" root packages | awk -F'|' '{ print $1 "-" $2 }' | LC_ALL=C sort >ours
  same_file theirs ours
  [ "$(wc -l <ours)" -gt 12 ] || fail 'too few packages'

  # Each file's owner; what the administrator changed is nobody's.
  chroot root /sbin/apk audit 2>/dev/null | sed -n 's,^U \(.*\),/\1|,p' >changed
  chroot root /sbin/apk info -q 2>/dev/null | sort |
    while read -r package; do
      chroot root /sbin/apk info -L -q "$package" 2>/dev/null |
        sed -n "s,^\\(..*\\),/\\1|$package,p"
    done | LC_ALL=C sort | grep -vFf changed >theirs
  "$dump" root owners | LC_ALL=C sort >all
  /usr/bin/python3 - <<'END' >ours
import os
for line in open ("all"):
    path, owner = line.rstrip ("\n").split ("|")
    if not os.path.isdir ("root" + path) or os.path.islink ("root" + path):
        print (path + "|" + owner)
END
  LC_ALL=C sort -o ours ours
  same_file theirs ours
  [ "$(wc -l <ours)" -gt 50 ] || fail 'too few files'
done

# Held, from elsewhere, asked for.
printf 'apk-tools=9\nzlib@edge\nbusybox\n' >root/etc/apk/world
"$dump" root json >profile.json
same held 'apk-tools zlib' \
  "$(jq -r '[.packages.items[] | select (.held) .name] | join (" ")' profile.json)"
same manual 'apk-tools busybox zlib' \
  "$(jq -r '[.packages.items[] | select (.manual) .name] | join (" ")' profile.json)"
same line 1 "$(jq '.packages.items[] | select (.name == "alpine-baselayout")
  | .evidence.line' profile.json)"

# A file of nobody is in the system's layer, Alpine itself in its own.
echo own >root/srv/own
"$decant" image -q dir:root -o oci:out --explain >layers.txt
grep -q "^distribution	bin/busybox	package busybox" layers.txt ||
  fail 'busybox is not in the layer of the distribution'
grep -q "^system	srv/own	" layers.txt || fail 'srv/own is not in the system layer'
