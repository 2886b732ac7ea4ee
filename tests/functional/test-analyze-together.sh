#!/bin/sh
# Guests that only the appliance can read share a start of it: clones with the
# same UUID, an fstab that means "the first disk", one without a system and one
# with a damaged file system among them.  Each comes out as it does alone.
. "${0%/*}/functions.sh"
requires jq --version
requires supermin --version
requires mkfs.btrfs --version

# A root on a btrfs of the whole disk; all have the same UUID, as clones do.
guest () {
  mkdir -p "$1.d/etc" "$1.d/bin" "$1.d/usr"
  [ "$2" = none ] ||
    printf 'ID=tiny\nVERSION_ID=%s\nPRETTY_NAME="Tiny %s"\n' "$2" "$2" >"$1.d/etc/os-release"
  [ "$2" = none ] || echo '/dev/sda / btrfs defaults 0 0' >"$1.d/etc/fstab"
  [ "$2" = none ] || echo "$1" >"$1.d/etc/hostname"
  truncate -s 128M "$1.raw"
  mkfs.btrfs -q -U 6f2c0a3e-5a0e-4a6e-9b5a-3f1d9f6b8a11 --rootdir "$1.d" "$1.raw" >/dev/null
}
guest one 1
guest empty none
guest two 2
guest torn 3
# Its superblock is whole, all else is not.
dd if=/dev/zero of=torn.raw bs=1M seek=1 count=63 conv=notrunc status=none
dd if=/dev/zero of=torn.raw bs=1M seek=65 count=63 conv=notrunc status=none
guest three 4
mkdir -p plain/etc && printf 'ID=tiny\nVERSION_ID=9\n' >plain/etc/os-release

all='one.raw empty.raw dir:plain two.raw torn.raw three.raw'
status=0
"$decant" analyze --json -j 1 $all >together.json 2>said.txt || status=$?
same 'exit status' $status 1
same 'order' "$(jq -r '.source[0].path' together.json | tr '\n' ' ')" \
  'one.raw empty.raw plain two.raw torn.raw three.raw '
same 'systems' "$(jq -r '.os.version_id // "none"' together.json | tr '\n' ' ')" '1 none 9 2 none 4 '
same 'reason' "$(jq -r 'select(.error) | .error' together.json | head -n 1)" \
  "'empty.raw': no operating system found"
same 'said' "$(cat said.txt)" 'decant: warning: 2 of 6 guests could not be read'

# The same as each by a start of its own, reasons too.
"$decant" analyze --json -j 1 --appliance-guests 1 $all >single.json 2>/dev/null || :
# (libguestfs names a folder of its own in the reason for the damaged one.)
for lines in single together; do sed 's/btrfs[A-Za-z0-9]\{6\}:/btrfs:/' $lines.json >$lines.lines; done
same_file single.lines together.lines

# They really share one: a guest that fails there is not read again.
"$decant" analyze --json --together one.raw empty.raw two.raw \
  >shared.json 2>said.txt && fail 'guests without a system are success'
same 'starts' "$(grep -c 'starting the appliance' said.txt)" 1
same 'shared' "$(jq -r '.os.version_id // .error' shared.json | tr '\n' '|')" \
  '1|the appliance did not send all of the guest|2|'
grep -v '"error"' shared.json >whole.json
sed -n '1p;4p' single.json >alone.json
same_file alone.json whole.json

refuses 4 'btrfs' "$decant" analyze --backend own one.raw
refuses 2 '--json' "$decant" analyze --together one.raw two.raw
echo secret >key
refuses 2 'passphrase' "$decant" analyze --json --together --key key one.raw two.raw
