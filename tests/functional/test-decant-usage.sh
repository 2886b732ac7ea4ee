#!/bin/sh
# A mistake in the arguments is named in one sentence, exit 2; help and
# version go to stdout.
. "${0%/*}/functions.sh"

refuses 2 "no command given" "$decant"
refuses 2 "unknown command 'pour'" "$decant" pour
refuses 2 "unknown option '--pour'" "$decant" version --pour
refuses 2 "takes no argument" "$decant" version now

"$decant" --help >help.txt
for command in $(awk '/^  [a-z]/ { print $1 }' help.txt); do
  "$decant" "$command" --help >command.txt
  grep -q "^usage: decant $command " command.txt || fail "no usage of $command"
  awk 'length > 79 { exit 1 }' command.txt || fail "help of $command is wide"
done
awk 'length > 79 { exit 1 }' help.txt || fail 'help is wide'

"$decant" --version | grep -q '^decant [0-9]' || fail 'no version'
"$decant" version --json >version.json
grep -q '"version"' version.json || fail 'no version in JSON'

# A result that cannot be written is a failure.
status=0
"$decant" --help >/dev/full 2>stderr.txt || status=$?
same 'status with a full disk' "$status" 1
grep -q 'cannot write' stderr.txt || fail "no sentence: $(cat stderr.txt)"
