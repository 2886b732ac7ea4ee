#!/bin/sh
# The units of tests/contract under decant-init: what they observe is what they
# observed under systemd, as recorded.  Every setting that is "done" has a case.
. "${0%/*}/functions.sh"
python=/usr/bin/python3
contract=$top_srcdir/tests/contract

# Section and key of each setting of a case.
find "$contract/cases" -type f \( -name '*.service' -o -name '*.socket' -o \
  -name '*.timer' -o -name '*.path' -o -name '*.conf' \) -exec cat '{}' + |
  awk '/^\[/ { gsub (/[][]/, ""); section = $1; next }
       /^[A-Za-z0-9]+=/ { sub (/=.*/, ""); print section "\t" $0 }' |
  LC_ALL=C sort -u >cases.txt
"$top_builddir/tests/functional/dump-directives" |
  awk -F'\t' '$3 == "done" { print $1 "\t" $2 }' | LC_ALL=C sort -u >done.txt
LC_ALL=C comm -13 cases.txt done.txt >lacking.txt
[ ! -s lacking.txt ] ||
  fail "done, but in no unit of tests/contract/cases: $(xargs -n 2 <lacking.txt)"

requires_root
requires podman --version
requires runc --version
requires $python -c 'import json'
$python "$contract/contract.py" decant --build "$top_builddir" ||
  fail 'a unit observes something else than under systemd'
