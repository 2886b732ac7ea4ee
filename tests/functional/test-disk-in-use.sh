#!/bin/sh
# A disk that a running QEMU may write to is refused; while we read, QEMU does
# not start with it for writing; readers do not disturb each other.
. "${0%/*}/functions.sh"
requires qemu-img --version
requires qemu-nbd --version
requires qemu-system-x86_64 --version
read_disk=$top_builddir/tests/functional/read-disk

qemu-img create -q -f qcow2 disk.qcow2 16M
qemu-io -f qcow2 -c 'write -q -P 7 1M 64k' disk.qcow2
qemu-img create -q -f raw disk.raw 16M
qemu-img create -q -f qcow2 -F qcow2 -b disk.qcow2 overlay.qcow2

# start_guest FILE OPTIONS: a stopped guest with the disk; waits until it is
# there or has said why not.
guest=
start_guest () {
  rm -f guest.pid
  qemu-system-x86_64 -S -display none -accel tcg -nodefaults -m 16 \
    -drive "file=$1,format=${1##*.},if=none,id=d$2" \
    -device virtio-blk-pci,drive=d -daemonize -pidfile guest.pid \
    2>guest.txt || return 1
  guest=$(cat guest.pid)
}
stop_guest () {
  [ -z "$guest" ] || kill "$guest"
  while [ -n "$guest" ] && kill -0 "$guest" 2>/dev/null; do sleep 0.05; done
  guest=
}
cleanup stop_guest

for file in disk.qcow2 disk.raw; do
  start_guest $file '' || fail "no guest: $(cat guest.txt)"
  refuses 1 "'$file': is in use: another program (a running QEMU?) may write" \
    "$read_disk" bytes $file
  refuses 1 "is in use" "$read_disk" -n bytes $file
  stop_guest
  "$read_disk" bytes $file | cmp -s - disk.raw || [ $file = disk.qcow2 ] ||
    fail "$file is not readable afterwards"

  start_guest $file ,readonly=on || fail "no guest: $(cat guest.txt)"
  "$read_disk" bytes $file >bytes.raw || fail "a reader keeps us from $file"
  stop_guest
done

# A backing file in use counts as well.
start_guest disk.qcow2 ''
refuses 1 "'disk.qcow2': is in use" "$read_disk" bytes overlay.qcow2
stop_guest

# hold FILE OPTIONS: we have it open until release.
mkfifo line
hold () {
  "$read_disk" "$@" <line >held.txt &
  holder=$!
  exec 5>line
  while ! grep -q . held.txt; do
    kill -0 $holder || fail "cannot hold $*"
    sleep 0.05
  done
}
release () {
  exec 5>&-
  wait $holder
}

# keeps OPTIONS FILE USED: while we have FILE open nobody may write to USED.
keeps () {
  hold $1 hold $2
  ! start_guest $3 '' || fail "a guest starts with $3 while we read $2"
  grep -q 'Failed to get' guest.txt || fail "why: $(cat guest.txt)"
  qemu-img info $3 >info.txt || fail "we disturb qemu-img"
  "$read_disk" bytes $2 >bytes.raw || fail "we disturb ourselves"
  release
}
keeps '' disk.raw disk.raw
keeps '' disk.qcow2 disk.qcow2
keeps '' overlay.qcow2 disk.qcow2
keeps -n overlay.qcow2 disk.qcow2
keeps -n overlay.qcow2 overlay.qcow2

hold hold overlay.qcow2
start_guest overlay.qcow2 ,readonly=on || fail "we disturb a reader"
stop_guest
release
start_guest overlay.qcow2 '' || fail "we keep it for ever: $(cat guest.txt)"
stop_guest
