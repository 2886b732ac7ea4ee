#!/bin/sh
# Damaged file systems (the cases of e2fsprogs' own tests): each ends soon,
# with a tree or with one sentence; what debugfs finds is in the tree or in
# its notes; the journals give what e2fsck's replay gives.
. "${0%/*}/functions.sh"
requires debugfs -V
requires e2fsck -V
dump=$top_builddir/tests/functional/dump-tree
cases=$(data disks/e2fsprogs-1.47.2-tests)

# A sanitizer aborts with a status of its own.
ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99
export ASAN_OPTIONS UBSAN_OPTIONS

# What is wrong with the whole, so that there is no tree.
no_tree='
f_crashdisk superblock has impossible sizes
f_ext_journal lies on another device
f_noroot inode 2 is not in use
j_corrupt_sb_magic journal has no superblock
j_recover_fast_commit fast commits that are not applied
'

read_case () {
  status=0
  timeout 60 "$dump" ext:disk.img >ours.txt 2>state.txt || status=$?
  case $status in
    0) ! grep -q "^$1 " expected.txt || fail "$1: a tree was not expected" ;;
    1)
      reason=$(sed -n "s/^$1 //p" expected.txt)
      [ -n "$reason" ] || fail "$1: $(cat state.txt)"
      grep -qF "$reason" state.txt || fail "$1: not '$reason': $(cat state.txt)"
      ;;
    *) fail "$1: status $status: $(cat state.txt)" ;;
  esac
}

paths () { sed -n 's/^\(\/[^ ]*\) .*/\1/p' "$1"; }

# Every path that debugfs extracts from disk.img is in ours.txt, has a note,
# or lies below one.
check_names () {
  mkdir found
  timeout 3 debugfs -R "rdump / found" disk.img >/dev/null 2>&1 </dev/null || :
  rm -rf found/lost+found
  "$dump" dir:found >found.txt
  rm -rf found
  paths found.txt >found-paths.txt
  paths ours.txt >our-paths.txt
  sed -n 's/^note \(\/[^ ]*\): .*/\1/p' ours.txt >note-paths.txt
  awk 'FILENAME == ARGV[1] { ours[$0]; next }
    FILENAME == ARGV[2] { notes[$0]; next }
    $0 in ours { next }
    { for (path = $0; path != ""; sub (/\/[^\/]*$/, "", path))
        if (path in notes) next
      print }' our-paths.txt note-paths.txt found-paths.txt >lost.txt
  [ ! -s lost.txt ] || fail "$1: neither in the tree nor noted: $(cat lost.txt)"
}

echo "$no_tree" >expected.txt
count=0
for image in "$cases"/*/image*; do
  name=$(basename "$(dirname "$image")")
  case $image in
    *.tar.bz2) continue ;;
    *.gz) gzip -dc "$image" >disk.img ;;
    *.bz2) bzip2 -dc "$image" >disk.img ;;
  esac
  cp --sparse=always disk.img original.img
  read_case "$name"
  cmp -s disk.img original.img || fail "$name: the disk was changed"
  count=$((count + 1))
  [ "$status" = 0 ] || continue
  if grep -q 'journal replayed' state.txt; then
    "$dump" ext:disk.img >replayed.txt 2>/dev/null
    e2fsck -fy -E journal_only disk.img >/dev/null 2>&1 || :
    "$dump" ext:disk.img >ours.txt 2>state.txt
    same "$name: state after e2fsck" "$(cat state.txt)" 'disk.img: clean'
    same_file ours.txt replayed.txt
  fi
  check_names "$name"
done
[ "$count" -ge 60 ] || fail "only $count cases"
echo "$count cases"
