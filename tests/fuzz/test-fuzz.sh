#!/bin/sh
# A bounded run of all fuzz targets under ASan and UBSan, and no source that
# takes bytes of a guest without a target (parsers.txt).
: "${top_srcdir:=$PWD}" "${top_builddir:=$PWD}" "${FUZZ_RUNS:=100}"
build=$top_builddir/fuzz-build
here=$(cd "$top_srcdir" && pwd)/tests/fuzz

mkdir -p "$build" && cd "$build" || exit 99
source=$(cd "$here/../.." && pwd)
if [ -f "$source/config.status" ]; then
  # Built where it is: no other build can be made of that folder, but of a copy.
  mkdir -p source && tar -C "$source" --exclude='./*-build' --exclude=./.git \
    --exclude=./tests/work --exclude=./config.status --exclude=./config.h \
    --exclude=./Makefile --exclude=./demo --exclude=.deps --exclude='*.[oa]' \
    --exclude='*.log' --exclude='*.trs' --exclude=./decant \
    -cf - . | tar -C source -xf - || exit 99
  source=$PWD/source
fi
[ -f config.status ] ||
  "$source/configure" -q --enable-sanitizers CFLAGS='-O1 -g' || exit 99
make -s -j2 tests/fuzz/fuzz tests/fuzz/rpm-seeds || exit 99
rm -rf seeds && mkdir seeds &&
  "$here/make-seeds.sh" "$PWD/seeds" "$PWD/tests/fuzz/rpm-seeds" || exit 99

missing=0
need () {
  case " $known " in
    *" $1 "*) ;;
    *)
      echo "$2 has no target '$1'"
      missing=1
      ;;
  esac
}

known=$(./tests/fuzz/fuzz --list | tr '\n' ' ')
for file in "$here"/../../analyzer/*/conf_*.c; do
  name=${file##*/conf_}
  need "${name%.c}" "analyzer's ${file##*/}"
done
takes='dc_tree_read|dc_daemon_read|dc_pagefile_read|dc_disk_read'
takes="$takes|dc_window_read|const struct dc_configfile \\*"
takes="$takes|^dc_[a-z_]*(parse|read) \\(const char \\*text, size_t size"
for file in $(cd "$here/../.." && grep -lE "$takes" analyzer/*.c analyzer/*/*.c \
  lib/*/*.c); do
  targets=$(sed -n "s|^$file ||p" "$here/parsers.txt")
  case $targets in
    '')
      echo "$file is not in parsers.txt"
      missing=1
      ;;
    -*) ;;
    *) for target in $targets; do need "$target" "$file"; done ;;
  esac
done

export ASAN_OPTIONS=detect_stack_use_after_return=0
export UBSAN_OPTIONS=halt_on_error=1
./tests/fuzz/fuzz --list |
  xargs -n 8 -P 2 ./tests/fuzz/fuzz --runs "$FUZZ_RUNS" --seeds seeds || exit 1
exit $missing
