#!/bin/sh
# A bounded run of all fuzz targets under ASan and UBSan, and no parser of an
# application's configuration without a target.
: "${top_srcdir:=$PWD}" "${top_builddir:=$PWD}" "${FUZZ_RUNS:=1000}"
build=$top_builddir/fuzz-build

mkdir -p "$build" && cd "$build" || exit 99
[ -f config.status ] ||
  "$top_srcdir/configure" -q --enable-sanitizers CFLAGS='-O1 -g' || exit 99
make -s -j2 tests/fuzz/fuzz || exit 99

missing=0
for file in "$top_srcdir"/analyzer/*/conf_*.c; do
  name=${file##*/conf_}
  name=${name%.c}
  if ! ./tests/fuzz/fuzz --runs 0 "$name" >/dev/null; then
    echo "analyzer's ${file##*/} has no target '$name'"
    missing=1
  fi
done
ASAN_OPTIONS=detect_stack_use_after_return=0 UBSAN_OPTIONS=halt_on_error=1 \
  ./tests/fuzz/fuzz --runs "$FUZZ_RUNS" || exit 1
exit $missing
