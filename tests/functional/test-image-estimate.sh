#!/bin/sh
# What is forecast comes true, and what has no room is refused at once.
. "${0%/*}/functions.sh"
requires jq --version
disk=$(debian_disk)

# near WHAT FORECAST REAL: within 15 %.
near () {
  [ $(($2 * 100)) -gt $(($3 * 85)) ] && [ $(($2 * 100)) -lt $(($3 * 115)) ] ||
    fail "$1: $2 bytes were forecast, $3 were written"
}
bytes () { jq "[.layers[].size] | add" "$1"; }

"$decant" image "$disk" --estimate --json >forecast.json
[ ! -e "$DECANT_STATE_DIR/image-rate" ] || fail 'a forecast was remembered'
"$decant" image "$disk" -q --json -o oci:out >result.json
near 'the image' "$(jq '.images[0].image_bytes' forecast.json)" "$(bytes result.json)"
same 'files' "$(jq '.images[0].files_bytes' forecast.json)" "$(jq .kept_bytes result.json)"
[ "$(cat "$DECANT_STATE_DIR/image-rate")" -gt 1000000 ] || fail 'the rate was not remembered'
"$decant" image "$disk" --estimate --compression gzip --json >forecast.json
"$decant" image "$disk" -q --json --compression gzip -o oci:out:gzip >result.json
near 'gzip' "$(jq '.images[0].image_bytes' forecast.json)" "$(bytes result.json)"

"$decant" plan "$disk" --groups --files needed --estimate -o groups.yaml >text.txt
grep -Eq '^together .* MB .* s$' text.txt || fail "no sum: $(cat text.txt)"
"$decant" image groups.yaml --estimate --json >forecast.json
"$decant" image groups.yaml -q --json -o oci:groups >result.json
for i in 0 1 2 3 4; do
  near "$(jq -r ".images[$i].name" forecast.json)" \
    "$(jq ".images[$i].image_bytes" forecast.json)" \
    "$(jq "[.images[$i].layers[].size] | add" result.json)"
done
refuses 2 'needs -o IMAGE' "$decant" image "$disk"

requires_root
mkdir small
mount -t tmpfs -o size=20m tmpfs small || skip 'no tmpfs can be mounted'
cleanup 'umount "$work/small"'
refuses 1 'MB will be written, and only' "$decant" image "$disk" -q -o oci:small/out
[ -z "$(ls -A small)" ] || fail "something is left: $(ls -A small)"
