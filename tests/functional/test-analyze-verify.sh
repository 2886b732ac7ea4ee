#!/bin/sh
# --verify-packages finds what dpkg --verify and apk audit find: packaged files
# that somebody changed or removed.
. "${0%/*}/functions.sh"
requires dpkg --version
requires jq --version
requires /usr/bin/python3 -c ''
requires_root

verify () {
  "$decant" analyze -v --json --verify-packages "dir:$1" >profile.json 2>messages
  grep -q 'compared [0-9]* packaged files, [0-9]* bytes, in' messages ||
    fail "no time in $(cat messages)"
}
ours () {
  jq -r '.packages.verification.files[] | "\(.state) \(.path)"' profile.json |
    LC_ALL=C sort
}

# Some of this host's packages with all their files.
mkdir -p root/var/lib/dpkg/info
for folder in bin sbin lib lib64; do
  [ -L /$folder ] || continue
  mkdir -p root/usr/$folder
  ln -s usr/$folder root/$folder
done
for package in bash coreutils grep sed tar login mawk base-passwd; do
  dpkg-query -s $package >>root/var/lib/dpkg/status
  echo >>root/var/lib/dpkg/status
  cp /var/lib/dpkg/info/$package.list /var/lib/dpkg/info/$package.md5sums \
    root/var/lib/dpkg/info
  dpkg -L $package | while read -r path; do
    if [ -f "$path" ] || [ -L "$path" ]; then echo ".$path"; fi
  done | (cd / && tar -cf - --files-from=-) | tar -xf - -C root --keep-directory-symlink
done
# What this host's own administrator changed or never had.
dpkg --root="$work/root" --verify | sed 's/^missing *//; s/^??5?* *c* *//' >known
verify root
jq -r '.packages.verification.files[].path' profile.json | LC_ALL=C sort >before

echo x >>root/usr/bin/grep || echo x >>root/bin/grep
: >root/usr/share/doc/bash/copyright
rm root/usr/bin/env root/usr/share/doc/tar/copyright
echo y >>root/etc/bash.bashrc
dpkg --root="$work/root" --verify |
  sed -E 's/^missing +(c )?/missing /; s/^\?\?5\?+ +(c )?/changed /' |
  LC_ALL=C sort >theirs
verify root
ours | while read -r state path; do # dpkg looks at no folders and no links
  [ -d "/$path" ] || [ -L "/$path" ] || echo "$state $path"
done >ours
same_file theirs ours
[ "$(wc -l <theirs)" -ge 5 ] || fail 'dpkg finds too little'
same changed "$(grep -c ^changed theirs)" \
  "$(jq .packages.verification.changed profile.json)"
[ "$(jq .packages.verification.checked profile.json)" -gt 300 ] ||
  fail 'too few files were compared'
same configuration '/etc/bash.bashrc' \
  "$(jq -r '.packages.changed_conffiles[].path' profile.json | grep bash)"

# Without it nothing of it is said.
"$decant" analyze -q --json dir:root >plain.json
same verification null "$(jq .packages.verification plain.json)"
refuses 2 'is for one guest' "$decant" analyze --verify-packages dir:root dir:root

# Alpine: links have checksums too.
tar=$(data rootfs/alpinelinux+docker-alpine@v3.20/x86_64/alpine-minirootfs-3.20.3-x86_64.tar.gz)
mkdir alpine
tar -xzf "$tar" -C alpine
verify alpine
ours >ours
audit () {
  for kind in --full --backup; do
    chroot alpine /sbin/apk audit $kind 2>/dev/null
  done | sed -n 's,^U ,changed /,p; s,^X ,missing /,p' | LC_ALL=C sort -u
}
audit >theirs
same_file theirs ours
echo x >>alpine/etc/motd
echo x >>alpine/bin/busybox.new
echo x >>alpine/usr/share/apk/keys/aarch64/alpine-devel@lists.alpinelinux.org-58199dcc.rsa.pub
ln -sf nothing alpine/usr/lib/libcrypto.so.3
rm alpine/sbin/ldconfig
verify alpine
ours >ours
audit >theirs
same_file theirs ours
[ "$(wc -l <ours)" -ge 4 ] || fail "too few: $(cat ours)"
same alpine-configuration '/etc/motd /etc/shadow' "$(jq -r '[.packages.changed_conffiles[].path] | join (" ")' profile.json)"
