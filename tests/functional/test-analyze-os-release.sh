#!/bin/sh
# Real os-release files of many distributions: what they say is what a shell
# reads in them, and what python-distro's authors found in theirs.
. "${0%/*}/functions.sh"
dump=$top_builddir/tests/functional/dump-facts
collection=$(data os-release/chef+os_release)
trees=$(data os-release/python-distro+distro/tests/resources/distros)
expected=$(data os-release/python-distro-expected.json)
roots=$(data rootfs)

by_us () { "$dump" "$1" os | awk -F'|' '{ print $1 "|" $2 "|" $4 }'; }
# as_shell FILE TREE: TREE, which has FILE, is what a shell reads in FILE.  Of a
# name whose quotes were forgotten the shell runs the second word; we have all.
as_shell () {
  env -i sh -c '. "$1"; printf "%s|%s|%s\n" "$ID" "$VERSION_ID" "$PRETTY_NAME"' \
    sh "$1" >shell.txt 2>shell.err
  ours=$(by_us "$2")
  if [ -s shell.err ]; then
    name=$(sed -n 's/^PRETTY_NAME=//p' "$1")
    same "$1" "$ours" "$(cut -d'|' -f1,2 shell.txt)|$name"
  else
    same "$1" "$ours" "$(cat shell.txt)"
  fi
}

count=0
mkdir -p root/etc
for file in "$collection"/*; do
  grep -q '^ID=' "$file" || continue # its README and licence
  cp "$file" root/etc/os-release
  as_shell "$file" root
  count=$((count + 1))
done
[ $count -ge 150 ] || fail "only $count files of $collection"

for tree in "$trees"/*; do
  for file in "$tree/etc/os-release" "$tree/usr/lib/os-release"; do
    grep -qs '^ID=' "$file" || continue
    as_shell "$file" "$tree"
    break
  done
done

# Trees that only have older files, too.
for tree in "$trees"/*; do
  printf '%s|%s\n' "$(basename "$tree")" "$("$dump" "$tree" os)"
done >ours
requires /usr/bin/python3 -c 'import json'
/usr/bin/python3 - "$expected" ours <<'END' || fail 'see above'
import json, sys
ours = dict (line.rstrip ("\n").split ("|", 1) for line in open (sys.argv[2]))
expected = json.load (open (sys.argv[1]))
bad = seen = 0
# python-distro has words of its own.
names = {"opensuse": "opensuse-leap", "oracle": "ol", "suse": "sles"}
for suite, suffix in (("TestOSRelease", "_os_release"),
                      ("TestDistroRelease", "_dist_release")):
    for test, facts in expected[suite].items ():
        name = test[len ("test_"):-len (suffix)]
        if name not in ours or not ours[name]:
            continue
        id, version, codename, pretty, file = ours[name].split ("|")
        if (file[-10:] == "os-release") != (suite == "TestOSRelease"):
            continue
        seen += 1
        want = facts["id"]
        if (id != want and id != names.get (want) or
                version and "version" in facts and
                version not in (facts["version"], facts["best_version"]) or
                facts.get ("codename", "") not in ("", codename)):
            print (name, facts, ours[name])
            bad += 1
print (seen, "compared")
sys.exit (bad > 0 or seen < 50)
END

for archive in "$roots"/alpinelinux*/*/*.tar.gz "$roots"/alpinelinux*/*.tar.gz; do
  [ -f "$archive" ] || continue
  rm -rf alpine
  mkdir alpine
  tar -xzf "$archive" -C alpine --no-same-owner
  version=$(basename "$archive" | sed 's/alpine-minirootfs-\([0-9.]*\)-.*/\1/')
  case $(basename "$archive") in
    *x86_64*) arch=amd64 ;;
    *aarch64*) arch=arm64 ;;
    *riscv64*) arch=riscv64 ;;
    *) fail "what is $archive for?" ;;
  esac
  same "$archive" "$(by_us alpine)" "alpine|$version|Alpine Linux v${version%.*}"
  same "$archive" "$("$dump" alpine arch)" "$arch|"
  rm alpine/etc/os-release # the file that was there before
  rm -f alpine/usr/lib/os-release
  same "$archive" "$(by_us alpine)" "alpine|$version|Alpine Linux $version"
done
[ -d alpine ] || fail "no archive in $roots"
