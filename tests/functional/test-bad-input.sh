#!/bin/sh
# Bad input: one clear sentence, exit 1, nothing left behind or overwritten.
. "${0%/*}/functions.sh"
requires qemu-img --version
requires mke2fs -V

both () {
  words=$1
  shift
  refuses 1 "$words" "$decant" analyze "$@"
  refuses 1 "$words" "$decant" image "$@" -o oci:out
  [ ! -e out ] || fail "'$*' left an output"
  [ -z "$(find . -name '.decant-*')" ] || fail "'$*' left remains"
}

both "no-such.qcow2" no-such.qcow2
: >empty.raw
both 'empty' empty.raw
echo 'this is a letter' >letter.qcow2
both 'is not a qcow2' letter.qcow2
mkdir folder
both 'folder' folder
truncate -s 1M zeros.raw
both 'no operating system' zeros.raw
refuses 1 "'zeros.raw': no operating system" "$decant" analyze zeros.raw

# Nobody writes into it, and decant does not wait for that.
mkfifo fifo
refuses 1 "'fifo'" timeout -k 1 20 "$decant" analyze tar:fifo

# A header that a guest could have written is no format.
qemu-img create -q -f qcow2 disk.img 1M
both '--format' disk.img

# An operating system of one file, to be damaged in many ways.
mkdir -p root/etc root/usr/lib root/bin
cp /bin/cat root/bin/sh # any program tells the architecture
echo 'ID=tiny' >root/etc/os-release
truncate -s 16M tiny.raw
mke2fs -q -t ext4 -d root tiny.raw
"$decant" analyze --json tiny.raw >tiny.json
grep -q '"tiny"' tiny.json || fail 'the tiny guest is not recognised'
qemu-img convert -f raw -O qcow2 tiny.raw tiny.qcow2

# Results that nobody reads any more (| head -1) are no error to speak of.
exec 5<>fifo 6>fifo 5<&-
status=0
"$decant" analyze --json tiny.raw >&6 2>said.txt || status=$?
exec 6>&-
[ "$status" = 1 ] && [ ! -s said.txt ] || fail "nobody reads: $status, $(cat said.txt)"

head -c 1000 tiny.qcow2 >cut.qcow2
both 'cut.qcow2' cut.qcow2
head -c 300000 tiny.qcow2 >half.qcow2
both 'half.qcow2' half.qcow2
qemu-img create -q -f qcow2 -b gone.qcow2 -F qcow2 orphan.qcow2 16M 2>/dev/null ||
  qemu-img create -q -u -f qcow2 -b gone.qcow2 -F qcow2 orphan.qcow2 16M
both 'gone.qcow2' orphan.qcow2
qemu-img create -q -u -f qcow2 -b /etc/passwd -F raw thief.qcow2 16M
both '/etc/passwd' thief.qcow2
qemu-img create -q -f qcow2 --object secret,id=k,data=x -o encrypt.format=luks,encrypt.key-secret=k locked.qcow2 1M 2>/dev/null &&
  both 'encrypted' locked.qcow2

# Two systems on one disk: each can be had by name.
cp tiny.raw second.raw
truncate -s 64M two.raw
sfdisk -q two.raw <<END
label: gpt
start=1MiB, size=16MiB
start=17MiB, size=16MiB
END
dd if=tiny.raw of=two.raw bs=1M seek=1 conv=notrunc status=none
dd if=tiny.raw of=two.raw bs=1M seek=17 conv=notrunc status=none
both '--root' two.raw
"$decant" analyze two.raw --root /dev/sda2 >/dev/null

# The output is there already.
mkdir out
echo mine >out/file
refuses 1 'exists' "$decant" image tiny.raw -o oci:out
same 'what was there' "$(cat out/file)" mine
rm -r out
"$decant" image tiny.raw -q -o oci:out
[ -f out/index.json ] || fail 'no image'
before=$(cat out/index.json)
refuses 1 'no-such' "$decant" image no-such.raw -o oci:out
same 'the layout' "$(cat out/index.json)" "$before"

# Usage.
refuses 2 'needs' "$decant" image tiny.raw
refuses 2 'needs' "$decant" analyze
refuses 2 "oci:web" "$decant" image tiny.raw -o web
