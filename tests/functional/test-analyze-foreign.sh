#!/bin/sh
# Guests that are no Linux are named, and refused where an image is asked for;
# a broken os-release is said, and the rest of the guest is there.
. "${0%/*}/functions.sh"
requires jq --version
requires xz --version

# named FOLDER ID TEXT
named () {
  "$decant" analyze "dir:$1" --json >profile.json
  same "$1" "$(jq -r .os.id profile.json)" "$2"
  same "$1" "$(jq -r '.findings[0].text' profile.json)" \
    "$3, not analysed further"
  refuses 1 "the guest is $3" "$decant" image "dir:$1" -o "oci:$1-image"
  refuses 1 'only a Linux system can become an image' \
    "$decant" image "dir:$1" -o "oci:$1-image"
  [ ! -e "$1-image" ] || fail "$1: there is an image"
}
mkdir -p freebsd/bin freebsd/etc
printf '#!/bin/sh\nUSERLAND_VERSION="12.4-RELEASE"\n' >freebsd/bin/freebsd-version
printf 'root:*:0:0::0:0:Charlie &:/root:/bin/sh\n' >freebsd/etc/passwd
named freebsd freebsd FreeBSD
"$decant" analyze dir:freebsd >text.txt
grep -q '^FreeBSD, release 12.4-RELEASE,' text.txt ||
  fail "the text: $(cat text.txt)"
tar -cf freebsd.tar -C freebsd .
"$decant" analyze tar:freebsd.tar --json >tar.json
same tar "$(jq -c '[.os, .findings]' tar.json)" \
  "$("$decant" analyze dir:freebsd --json | jq -c '[.os, .findings]')"
mkdir -p dos
touch dos/KERNEL.SYS dos/COMMAND.COM
named dos freedos FreeDOS

# Disks with nothing but other systems' file systems, as util-linux has them.
samples=$(data disks/util-linux-2.41.5/tests/ts/blkid/images-fs)
while read -r sample systems; do
  xz -dc "$samples/$sample.img.xz" >"$sample.raw"
  refuses 1 "a file system of $systems, which is not analysed further" \
    "$decant" analyze "$sample.raw"
done <<'END'
ufs FreeBSD, NetBSD, OpenBSD or Solaris
hfsplus macOS
vmfs VMware ESXi
END

# A whole guest but for its os-release.
mkdir -p broken/etc broken/usr/lib
printf 'root:x:0:0:root:/root:/bin/bash\n' >broken/etc/passwd
echo 12.5 >broken/etc/debian_version
# says ID TEXT: there is this finding, and the users are read.
says () {
  "$decant" analyze dir:broken --json >profile.json
  jq -r ".findings[] | select (.id == \"$1\") | .text" profile.json >text.txt
  grep -q "$2" text.txt || fail "$1: '$(cat text.txt)' has no '$2'"
  same "users" "$(jq -r '.users[0].name' profile.json)" root
}
ln -s os-release broken/etc/os-release
says os.link 'leads nowhere'
same 'the older file' "$(jq -r .os.release profile.json)" 12.5
ln -sf ../usr/lib/os-release broken/etc/os-release
ln -s ../../etc/os-release broken/usr/lib/os-release
says os.link 'leads nowhere'
rm broken/usr/lib/os-release
truncate -s 64M broken/usr/lib/os-release
says os.unreadable "'usr/lib/os-release': 67108864 bytes, limit 65536"
same 'the older file' "$(jq -r .os.release profile.json)" 12.5
rm broken/etc/debian_version
says os.unreadable "'usr/lib/os-release': 67108864 bytes, limit 65536"
same 'unknown' "$(jq -c .os profile.json)" null
