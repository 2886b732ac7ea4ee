#!/bin/sh
# Logs written by debugfs, in each version of their checksums: the newest
# committed copy counts, revoked and uncommitted ones do not, as for e2fsck.
. "${0%/*}/functions.sh"
requires debugfs -V
requires mke2fs -V
dump=$top_builddir/tests/functional/dump-tree

mkdir files
for name in kept changed revoked again uncommitted; do
  perl -e "print '$name ' x 1000" >files/$name
done

block () { debugfs -R "bmap /$1 0" disk.img 2>/dev/null; }
copy () { perl -e "print substr ('$1 ' x 2000, 0, 4096)" >"$1.block"; }

# log MKE2FS-OPTIONS DEBUGFS-OPTIONS
log () {
  rm -f disk.img
  truncate -s 32M disk.img
  # shellcheck disable=SC2086 # the options are words
  mke2fs -q -F -t ext4 -b 4096 $1 -d files disk.img
  copy new; copy newer
  cat >commands <<END
jo $2
jw -b $(block changed),$(block revoked),$(block again) new3
jw -b $(block again) newer.block
jw -r $(block revoked)
jc
END
  cat new.block new.block new.block >new3
  debugfs -w -f commands disk.img >debugfs.txt 2>&1 ||
    fail "debugfs $2: $(cat debugfs.txt)"
  cat >commands <<END
jo $2
jw -b $(block uncommitted) -c newer.block
jc
END
  debugfs -w -f commands disk.img >debugfs.txt 2>&1 ||
    fail "debugfs $2: $(cat debugfs.txt)"

  "$dump" ext:disk.img >ours.txt 2>state.txt
  same "state ($1 $2)" "$(cat state.txt)" \
    'disk.img: journal replayed in memory (2 blocks)'
  cp --sparse=always disk.img stale.img
  debugfs -w -R 'feature -needs_recovery' stale.img >/dev/null 2>&1
  "$dump" ext:stale.img >stale.txt 2>/dev/null || :
  e2fsck -fy -E journal_only disk.img >e2fsck.txt 2>&1 || :
  "$dump" ext:disk.img >replayed.txt 2>state.txt
  same "state after e2fsck" "$(cat state.txt)" 'disk.img: clean'
  same_file replayed.txt ours.txt
  cmp -s stale.txt ours.txt && fail "$1 $2: the journal makes no difference"
  same "changed files ($1 $2)" \
    "$(diff stale.txt ours.txt | grep -c '^>')" 2
}

log '-O ^64bit,^metadata_csum' ''
log '-O ^64bit' '-c -v 3'
log '-O 64bit' ''
log '-O 64bit,metadata_csum' '-c -v 2'
log '-O 64bit,metadata_csum' '-c -v 3'
