#!/bin/sh
# Nothing of the machine's identity, history and leftovers is in an image:
# virt-sysprep's list is the measure (tests/data/scrub/operations).
. "${0%/*}/functions.sh"
requires_root
requires umoci --version
table=$top_srcdir/tests/data/scrub/operations

# A guest with all of it, each file with words of its own.
mkdir -p guest/usr/bin guest/etc guest/srv/app
cp /bin/true guest/usr/bin/sh # tells the architecture
printf 'ID=debian\nVERSION_ID="12"\n' >guest/etc/os-release
printf 'root:x:0:0::/root:/bin/sh\n' >guest/etc/passwd
printf 'root:x:0:\n' >guest/etc/group
echo 'STAYS here' >guest/srv/app/data.bak
sed -n 's/^[a-z-]* *done *//p' "$table" | tr ' ' '\n' | while read -r path; do
  mkdir -p "guest/${path%/*}"
  echo "PLANTED $path" >"guest/$path"
done
planted=$(grep -rl PLANTED guest | wc -l)
[ "$planted" -gt 100 ] || fail "only $planted files are planted"

"$decant" image dir:guest -q -o oci:scrubbed --compression gzip ||
  fail 'no image'
for blob in scrubbed/blobs/sha256/*; do
  # All names and contents, whatever the layer says of later ones.
  gzip -dc "$blob" 2>/dev/null >blob.tar || cp "$blob" blob.tar
  ! grep -a PLANTED blob.tar || fail "$blob has what must not travel"
  if grep -aq STAYS blob.tar; then found=yes; fi
done
[ "${found-}" = yes ] || fail 'what is nobody'\''s leftover is gone'

# Each operation of the tool that is here is in the table.
requires virt-sysprep --version
virt-sysprep --list-operations | while read -r operation rest; do
  grep -q "^$operation  *\(done\|kept\|none\)  *[^ ]" "$table" ||
    fail "virt-sysprep's '$operation' ($rest) is not in the table"
done
