#!/bin/sh
# Some of the corpus: servers of Debian, converted with defaults, answer, keep
# their data, and stop.  All of it: make check-corpus.
. "${0%/*}/functions.sh"
requires_root
requires mmdebstrap --version
requires unshare -m true
requires podman --version
requires slirp4netns --version
: "${DECANT_TEST_CORPUS:=$top_builddir/tests/work/corpus}"
mkdir -p "$DECANT_TEST_CORPUS"
flock "$DECANT_TEST_CORPUS.lock" /usr/bin/python3 "$top_srcdir/tests/corpus/corpus.py" \
  --decant "$decant" --cache "$DECANT_TEST_CORPUS" \
  dynamic-user haproxy nginx-php postgresql redis socket-activated sysv-script template
