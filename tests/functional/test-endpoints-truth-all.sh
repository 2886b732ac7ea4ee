#!/bin/sh
# The same as test-endpoints-truth.sh for all packages that were recorded.
. "${0%/*}/functions.sh"
requires_root
requires mmdebstrap --version
requires unshare -m true
: "${DECANT_TEST_TRUTH:=$top_builddir/tests/work/truth}"
mkdir -p "$DECANT_TEST_TRUTH"
flock "$DECANT_TEST_TRUTH.lock" /usr/bin/python3 \
  "$top_srcdir/tests/truth/compare.py" --decant "$decant" \
  --cache "$DECANT_TEST_TRUTH" --at-least 98
