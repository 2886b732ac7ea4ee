#!/bin/sh
# Holes that an archive of a volume keeps are holes again where GNU tar and
# bsdtar unpack it; Python, podman and our own reader find the same content.
. "${0%/*}/functions.sh"
requires tar --version
requires bsdtar --version
requires /usr/bin/python3 -c 'import tarfile'
write=$top_builddir/tests/functional/write-tar
dump=$top_builddir/tests/functional/dump-tree

mkdir c
long=c/$(printf 'a name longer than a header has room for %0100d' 7)
# at FILE OFFSET TEXT
at () { printf %s "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
truncate -s 20M c/only-a-hole
truncate -s 10M c/data-at-the-end c/data-in-between "$long" c/many
at c/data-at-the-end $((10 * 1024 * 1024 - 3)) end
at c/data-in-between 5000000 middle
at "$long" 0 begin
for i in $(seq 1 200); do at c/many $((i * 40000)) "segment $i"; done
printf 'no hole\n' >c/small
truncate -s 60K c/small-hole
# Where the file system keeps no holes there is nothing to see.
test "$(stat -c %b c/only-a-hole)" = 0 || skip 'no holes on this file system'

"$write" c holes >c.tar 2>digests
size=$(stat -c %s c.tar)
test "$size" -lt 2500000 || fail "the archive has $size bytes"
"$dump" dir:c | grep -v '^note ' >dir
"$dump" tar:c.tar | grep -v '^note ' >own
same_file dir own

for tool in tar bsdtar; do
  mkdir $tool.out
  $tool --numeric-owner -xpf c.tar -C $tool.out 2>$tool.err ||
    fail "$tool: $(cat $tool.err)"
  "$dump" "dir:$tool.out" | grep -v '^note \|^/ ' >$tool.dump
  grep -v '^/ ' dir >dir.some
  same_file dir.some $tool.dump
  used=$(du -sk $tool.out | cut -f1)
  test "$used" -lt 4000 || fail "$tool made $used KiB"
done

/usr/bin/python3 - <<'PYTHON' || fail "Python reads something else"
import hashlib, tarfile
def digest (f):
    return hashlib.file_digest (f, 'md5').hexdigest ()
for m in tarfile.open ('c.tar'):
    if m.isreg ():
        with open ('c/' + m.name, 'rb') as f:
            assert digest (tarfile.open ('c.tar').extractfile (m.name)) == digest (f), m.name
PYTHON

# podman's reader is that of docker and skopeo: Go's archive/tar.
if podman volume --help >/dev/null 2>&1; then
  volume=decant-test-holes-$$
  cleanup "podman volume rm $volume >/dev/null 2>&1"
  podman volume create "$volume" >/dev/null
  podman volume import "$volume" c.tar
  "$dump" "dir:$(podman volume inspect --format '{{.Mountpoint}}' "$volume")" |
    grep -v '^note \|^/ ' >podman.dump
  same_file dir.some podman.dump
fi
