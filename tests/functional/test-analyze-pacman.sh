#!/bin/sh
# What pacman says of packages that makepkg made: names, versions, reasons, the
# owner of each file, what is ignored in upgrades, layers of an image.
. "${0%/*}/functions.sh"
requires pacman --version
requires makepkg --version
requires bsdtar --version
requires jq --version
requires_root
dump=$top_builddir/tests/functional/dump-facts

# makepkg refuses root; it only needs a folder of its own.
chmod 755 "$work"
mkdir build
chown nobody build
build () {
  cat >build/PKGBUILD <<END
pkgname=$1
pkgver=$2
pkgrel=1
pkgdesc=x
arch=(any)
license=(MIT)
$3
package () {
  install -d "\$pkgdir/etc/$1" "\$pkgdir/usr/bin" "\$pkgdir/usr/share/$1"
  echo $1 >"\$pkgdir/etc/$1.conf"
  echo $1 >"\$pkgdir/etc/$1/kept.conf"
  echo $2 >"\$pkgdir/usr/bin/$1"
  echo x >"\$pkgdir/usr/share/$1/with blank"
  ln -s $1 "\$pkgdir/usr/bin/$1-link"
}
END
  (cd build && setpriv --reuid=65534 --regid=65534 --clear-groups \
    env HOME="$work/build" PACKAGER='Example <a@b>' makepkg -d --nocheck -f \
    >build.log 2>&1) || skip "makepkg: $(tail -n 3 build/build.log)"
}
build glibc 2.40 'backup=(etc/glibc.conf etc/glibc/kept.conf)'
build one 1.5 'epoch=2
groups=(tools)
depends=("glibc>=2" lib)
backup=(etc/one.conf etc/one/kept.conf)'
build two 3 'provides=(lib=3)'

mkdir -p root/var/lib/pacman root/etc
printf '[options]\nIgnorePkg = t?o other\n' >root/etc/pacman.conf
manager () {
  pacman --root "$work/root" --dbpath "$work/root/var/lib/pacman" \
    --config root/etc/pacman.conf --noconfirm --cachedir "$work/cache" \
    --gpgdir "$work/gpg" --logfile "$work/log" "$@" 2>/dev/null
}
mkdir cache gpg
manager -U --nodeps --nodeps build/*.pkg.tar* >install.log || fail "pacman: $(cat install.log)"
manager -D --asdeps two >/dev/null

manager -Q | tr ' ' '|' | LC_ALL=C sort >theirs
"$dump" root packages | cut -d'|' -f1-2 | LC_ALL=C sort >ours
same_file theirs ours
same packages 3 "$(wc -l <ours)"
manager -Qeq | LC_ALL=C sort >theirs
"$dump" root packages | awk -F'|' '$4 == 1 { print $1 }' >ours
same_file theirs ours

# Of folders that several have the first one is the owner.
manager -Ql | sed "s,$work/root,,; s,/\$,," | LC_ALL=C sort |
  awk '{ path = substr ($0, length ($1) + 2) } !(path in seen) {
    seen[path]; print path "|" $1 }' | LC_ALL=C sort >theirs
"$dump" root owners | LC_ALL=C sort >ours
same_file theirs ours

"$dump" root json >profile.json
names () {
  jq -r "[.packages.items[] | select ($1) .name] | join (\" \")" profile.json
}
same held two "$(names .held)"
same distribution glibc "$(names .distribution)"
same depends 'glibc>=2 lib' "$(jq -r '.packages.items[1].depends | join (" ")' profile.json)"
same group tools "$(jq -r '.packages.items[1].section' profile.json)"

echo changed >root/etc/one.conf
"$dump" root owners >ours
grep -q /etc/one.conf ours && fail 'the changed one.conf has an owner'
grep -qxF '/etc/one/kept.conf|one' ours || fail 'kept.conf has no owner'
mkdir -p root/bin
cp /bin/true root/bin/sh # says which machine it is
"$decant" image -q dir:root -o oci:out --explain >layers.txt
for line in 'distribution	usr/bin/glibc	package glibc 2.40-1' \
  'packages	usr/bin/one	package one 2:1.5-1' \
  "system	etc/one.conf	no package's: configuration, own software or data"; do
  grep -qxF "$line" layers.txt || fail "no '$line' in $(cat layers.txt)"
done

# Contents and links that differ, and what is gone.
echo x >>'root/usr/share/two/with blank'
ln -sf other root/usr/bin/one-link
rm root/usr/bin/glibc
"$decant" analyze -q --json --verify-packages dir:root >profile.json
jq -r '.packages.verification.files[] | "\(.state) \(.path)"' profile.json >ours
printf '%s\n' 'changed /etc/one.conf' 'missing /usr/bin/glibc' \
  'changed /usr/bin/one-link' 'changed /usr/share/two/with blank' >expected
same_file expected ours
pacman --root "$work/root" --dbpath "$work/root/var/lib/pacman" \
  --config root/etc/pacman.conf -Qkk >theirs 2>&1 || :
for path in etc/one.conf usr/bin/glibc usr/bin/one-link 'usr/share/two/with blank'; do
  grep -q "$work/root/$path " theirs || fail "pacman does not say $path: $(cat theirs)"
done
same unchanged 3 "$(grep -c 'altered file' theirs)"
