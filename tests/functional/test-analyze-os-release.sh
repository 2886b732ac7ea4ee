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

# What the name of each file of the collection says it is.
requires /usr/bin/python3 -c 'import json'
for file in "$collection"/*; do
  grep -q '^ID=' "$file" || continue
  cp "$file" root/etc/os-release
  printf '%s|%s\n' "$(basename "$file")" "$("$dump" root os)"
done >names
/usr/bin/python3 - names <<'END' || fail 'see above'
import re, sys
# The collection's words for distributions that call themselves otherwise.
ids = {"alma": "almalinux", "amazon": "amzn", "cbl-mariner": "mariner",
       "centos_stream": "centos", "clearlinux": "clear-linux-os",
       "cumulus": "cumulus-linux", "kubuntu": "ubuntu", "lubuntu": "ubuntu",
       "openeuler": "openEuler", "opensuseleap": "opensuse-leap",
       "opensusetumbleweed": "opensuse-tumbleweed", "oracle": "ol",
       "pop_os": "pop", "redhat": "rhel", "ubuntubudgie": "ubuntu",
       "ubuntumate": "ubuntu", "ubuntuunity": "ubuntu", "xubuntu": "ubuntu",
       "xenserver": "xenenterprise"}
# Files that say something else than their name.
odd = {"bottlerocket": "amzn", "gardenlinux": "hce", "mxlinux": "debian",
       "nexus_7": "nexus", "opensuseleap_42_3": "opensuse",
       "sles_sap_12_3": "sles", "xbian": "raspbian", "xcp-ng_7_4": "XCP-ng",
       "xcp-ng_7_5": "xenenterprise", "xcp-ng_8": "xenenterprise"}
# Versions that the name has and the file does not, or not so.
versions = {"amazon_2018": "2018.03", "clearlinux_1": "38250",
            "gentoo_214": "2.14", "gentoo_218": "2.18",
            "openwrt_2203": "22.03.4", "rancheros_1_4": "v1.4.2",
            "ubuntu_1404": "14.04", "ubuntu_1604": "16.04",
            "ubuntu_1804": "18.04", "ubuntu_2004": "20.04",
            "ubuntu_2204": "22.04", "ubuntu_2404": "24.04",
            "ubuntu_2504": "25.04", "ubuntu_2510": "25.10",
            "xenserver_7_6": ""}
bad = seen = 0
for line in open (sys.argv[1]):
    name, id, version = line.split ("|")[:3]
    seen += 1
    match = re.fullmatch (r"(.*?)((?:_[0-9]+)*)", name)
    word, number = match[1], match[2][1:].replace ("_", ".")
    if id != odd.get (name, ids.get (word, word)):
        print (name, "is", id)
        bad += 1
    number = versions.get (name, number)
    if number and name not in versions:
        good = version == number or version.startswith (number + ".")
    else:
        good = not number or version == number
    if not good:
        print (name, "has version", version)
        bad += 1
sys.exit (bad > 0 or seen < 150)
END

# python-distro's expected outcomes: each with the files that it is about.
cat >views.py <<'END'
import glob, json, os, re, shutil, subprocess, sys
dump, data, expected = sys.argv[1:]
expected = json.load (open (expected))
trees = data + "/tests/resources/distros"
special = data + "/tests/resources/testdistros"

program = "the answer stands in the output of a program"
not_answered = {
    "test_aix72_release": program,
    "test_ubuntu14normal_lsb_release": program,
    "test_ubuntu14nomodules_lsb_release": program,
    "test_trailingblanks_lsb_release": program,
    "test_empty_release": "an empty file given by its name alone",
}
architecture = "what SUSE has in brackets is the architecture"
no_codename = {
    "test_opensuse42_dist_release": architecture,
    "test_opensuse42_release": architecture,
    "test_sles12_dist_release": architecture,
    "test_sles12_release": architecture,
    "test_mageia5_dist_release": "'Official' is no name",
}
# Words of python-distro, and the distribution's own ID.
ids = {"oracle": "ol", "mandrivalinux": "mandriva", "opensuse": "opensuse-leap"}
# It has them from the name of the file, we from what stands in it.
ids_of = {"test_opensuse42_dist_release": "opensuse",
          "test_opensuse42_os_release": "opensuse",
          "test_opensuse42_release": "opensuse",
          "test_sles12_dist_release": "sles",
          "test_kvmibm1_dist_release": "kvmibm",
          "test_scientific6_release": "scientific"}

# We also read PATCHLEVEL.
more_exact = {"test_sles12_dist_release": "12.1"}
# lsb-release's short names; we have the longer one of the older file.
names = {"Debian": "Debian GNU/Linux", "MandrivaLinux": "Mandriva Linux"}

def tree_of (test, suffix):
    name = test[len ("test_"):-len (suffix)]
    for folder in (trees + "/" + name, special + "/distro/" + name,
                   special + "/lsb/" + name.replace ("debian13no", "debian13_no")):
        if os.path.isdir (folder):
            return folder
    raise SystemExit ("no tree for " + test)

def facts_of (folder, without):
    shutil.rmtree ("view", ignore_errors=True)
    shutil.copytree (folder, "view", symlinks=True)
    subprocess.run (["chmod", "-R", "u+w", "view"], check=True)
    for file in glob.glob ("view/*/*-release") + \
            glob.glob ("view/usr/lib/*-release"):
        if re.search (without, file) and not os.path.isdir (file):
            os.unlink (file)
    def ask (what):
        text = subprocess.run ([dump, "view", what], check=True,
                               capture_output=True, text=True).stdout
        return text.rstrip ("\n").split ("|") if text else None
    os_ = ask ("os")
    return os_ and dict (
        zip (("id", "version", "codename", "pretty_name", "file"), os_),
        **dict (zip (("id", "family", "kernel", "name", "best_version", "like"),
                     ask ("release"))))

def differences (test, want, got):
    id = want["id"]
    if got["id"] not in (ids_of.get (test, id), ids.get (id)):
        yield "id"
    for key in ("name", "like"):
        if key in want and got[key] not in (want[key], names.get (want[key])):
            yield key
    said = got["pretty_name"].replace (" release ", " ")
    if "pretty_name" in want and want["pretty_name"] not in (
            said, said.replace (" (Official) for x86_64", "")) and \
            not said.startswith (want["pretty_name"]):
        yield "pretty_name"
    exact = more_exact.get (test)
    if "version" in want and (exact or want["version"]) != (
            got["version"] or got["best_version"]):
        yield "version"
    if "best_version" in want and \
            (exact or want["best_version"]) != got["best_version"]:
        yield "best_version"
    if "codename" in want and want["codename"] != got["codename"] and \
            test not in no_codename:
        yield "codename"

suites = {  # suite: the end of its tests' names, the files it does not read
    "TestOSRelease": ("_os_release", "/(?!os-)[^/]*-release$"),
    "TestLSBRelease": ("_lsb_release", "/os-release$"),
    "TestSpecialRelease": ("_release", "^$"),
    "TestDistroRelease": ("_dist_release", "/(os|lsb)-release$"),
    "TestOverall": ("_release", "^$"),
    "TestOverallWithEtcNotReadable": ("_release", "/etc/"),
}
answered = bad = 0
for suite, tests in expected.items ():
    suffix, without = suites[suite]
    for test, want in tests.items ():
        if test in not_answered:
            continue
        if not test.endswith (suffix):
            suffix = ""
        folder = tree_of (test, suffix) if suffix else \
            special + "/distro/" + test[len ("test_"):]
        got = facts_of (folder, without)
        wrong = list (differences (test, want, got)) if got else ["nothing"]
        answered += not wrong
        for key in wrong:
            print (test, key, want.get (key), got)
            bad += 1
total = sum (len (tests) for tests in expected.values ())
print (answered, "of", total, "answered as expected")
sys.exit (bad > 0 or answered + len (not_answered) != total or total != 121)
END
/usr/bin/python3 views.py "$dump" "${trees%/tests/*}" "$expected" ||
  fail 'see above'

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
