#!/bin/sh
# decant-init is small and static, and a plan with a mistake starts nothing.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/init.sh"

size=$(wc -c <"$init")
[ "$size" -le 160000 ] || fail "$size bytes are more than 160000"
if command -v readelf >/dev/null; then
  ! readelf -lW "$init" | grep -q INTERP || fail 'it has an ELF interpreter'
  ! readelf -dW "$init" | grep -q NEEDED || fail 'it needs libraries'
fi

plan <<END
tmpfile f $work/made 0644 $(id -u) $(id -g)
service a
$(script start - 'touch started')
sandbox yes
END
refuses 2 "plan 'plan': line 5: unknown keyword 'sandbox'" "$init" plan
[ ! -e made ] && [ ! -e started ] || fail 'it began with a damaged plan'
refuses 2 "unknown keyword 'sandbox'" "$init" --check plan
refuses 2 "plan '/no/plan': cannot be opened: No such file" "$init" /no/plan
refuses 2 "plan '/.decant/init.plan'" "$init"
refuses 2 'usage: decant-init' "$init" a b
refuses 2 'usage: decant-init' "$init" --help

sed -i '/sandbox/d' plan
"$init" --check plan || fail 'a good plan is refused'
[ ! -e made ] || fail '--check did more than that'
head -c 40 plan >cut && refuses 2 'is cut off' "$init" --check cut
: >cut && refuses 2 'is empty' "$init" --check cut
