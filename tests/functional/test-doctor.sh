#!/bin/sh
# What this host can do: a verdict for each thing, in lines that fit a terminal
# or as JSON; exit 3 where something is missing that decant cannot do without.
. "${0%/*}/functions.sh"
requires jq --version
requires qemu-img --version

"$decant" doctor >text.txt 2>stderr.txt || fail "exit $?: $(cat text.txt stderr.txt)"
[ ! -s stderr.txt ] || fail "it complains: $(cat stderr.txt)"
grep -qx "ok       state folder      $DECANT_STATE_DIR" text.txt || fail "$(cat text.txt)"
# A remedy never runs over the edge; findings are paths and may.
grep '^                           ' text.txt >remedies.txt || :
[ -z "$(cut -c 81- remedies.txt | tr -d '\n')" ] || fail "too wide: $(cat text.txt)"

"$decant" doctor --json >all.json
same 'the number of verdicts' "$(jq '.checks | length' all.json)" \
  "$(grep -c '^[A-Za-z]' text.txt)"
jq -e '.checks | all (.verdict == "ok" or (.remedy | length > 0))' all.json >/dev/null ||
  fail "no remedy: $(cat all.json)"
same 'qemu-img' "$(jq -r '.checks[] | select (.name == "qemu-img") | .text' all.json)" \
  "$(command -v qemu-img)"

# A file stands where the folder should be.
: >file
status=0
DECANT_STATE_DIR=$work/file "$decant" doctor >text.txt || status=$?
same 'the exit status' "$status" 3
grep -q "^MISSING  state folder  *cannot use the state folder" text.txt || fail "$(cat text.txt)"
grep -q 'set DECANT_STATE_DIR to a folder you can write' text.txt || fail "$(cat text.txt)"
refuses 2 'doctor takes no argument' "$decant" doctor more
