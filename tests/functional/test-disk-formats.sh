#!/bin/sh
# The same bytes come out of every format, read directly and over NBD.
. "${0%/*}/functions.sh"
requires qemu-img --version
requires qemu-nbd --version
read_disk=$top_builddir/tests/functional/read-disk
TMPDIR=$work
export TMPDIR

# 20 MiB: data, a hole, a little data, a hole up to the end.
head -c 3000000 /dev/urandom >disk.raw
truncate -s 15000000 disk.raw
echo hello >>disk.raw
truncate -s 20M disk.raw
want=$(sha256sum <disk.raw)

# bytes_of OPTIONS FILE: some formats make the disk a little larger.
bytes_of () { "$read_disk" "$@" | head -c 20971520 | sha256sum; }

files=disk.raw
convert () {
  file=$1
  files="$files $1"
  shift
  qemu-img convert -f raw "$@" disk.raw "$file"
}
convert plain.qcow2 -O qcow2
convert old.qcow2 -O qcow2 -o compat=0.10
convert big-clusters.qcow2 -O qcow2 -o cluster_size=2M
convert small-clusters.qcow2 -O qcow2 -o cluster_size=512
convert subclusters.qcow2 -O qcow2 -o extended_l2=on
convert zlib.qcow2 -c -O qcow2
convert zstd.qcow2 -c -O qcow2 -o compression_type=zstd
convert full.qcow2 -O qcow2 -o preallocation=full
convert data-file.qcow2 -O qcow2 -o data_file=data-file.bin
convert first.qcow -O qcow
for kind in monolithicSparse monolithicFlat twoGbMaxExtentSparse \
  twoGbMaxExtentFlat streamOptimized; do
  convert "$kind.vmdk" -O vmdk -o subformat="$kind"
done
convert dynamic.vdi -O vdi
convert static.vdi -O vdi -o static=on
convert dynamic.vhdx -O vhdx
convert fixed.vhdx -O vhdx -o subformat=fixed
convert dynamic.vhd -O vpc
convert fixed.vhd -O vpc -o subformat=fixed
convert exact.vpc -O vpc -o force_size=on
for file in $files; do
  same "$file" "$(bytes_of bytes "$file")" "$want"
  same "$file over NBD" "$(bytes_of -n bytes "$file")" "$want"
done

# Two workers in turn read one source, each over connections of its own.
cat disk.raw disk.raw >twice.raw
for file in disk.raw plain.qcow2 zlib.qcow2; do
  "$read_disk" twice $file | cmp - twice.raw || fail "$file, read twice"
done
rm twice.raw

# Backing chains: each link holds something of its own; one is raw, one is in
# a folder below, one is named with its whole path.
mkdir sub
cp disk.raw sub/base.img
qemu-img create -q -f qcow2 -F raw -b base.img sub/one.qcow2
qemu-img create -q -f qcow2 -F qcow2 -b sub/one.qcow2 two.qcow2
qemu-img create -q -f qcow2 -F qcow2 -b "$work/two.qcow2" three.qcow2 24M
qemu-img create -q -f vmdk -F vmdk -b monolithicSparse.vmdk delta.vmdk
qemu-io -f qcow2 -c 'write -q -P 1 1M 64k' -c 'write -q -z 4M 1M' sub/one.qcow2
qemu-io -f qcow2 -c 'write -q -P 2 2M 64k' -c 'write -q -P 3 512k 4k' two.qcow2
qemu-io -f qcow2 -c 'write -q -P 4 23M 4k' -c 'write -q -z 0 64k' three.qcow2
qemu-io -f vmdk -c 'write -q -P 5 3M 64k' delta.vmdk
for file in sub/one.qcow2 two.qcow2 three.qcow2 delta.vmdk; do
  qemu-img convert -O raw "$file" expected.raw
  "$read_disk" bytes "$file" >direct.raw
  cmp expected.raw direct.raw || fail "$file differs"
  "$read_disk" -n bytes "$file" >nbd.raw
  cmp expected.raw nbd.raw || fail "$file differs over NBD"
done
"$read_disk" -v info three.qcow2 2>said.txt >/dev/null
grep -qF "info: 'three.qcow2' uses the backing file '$work/two.qcow2' (qcow2)" \
  said.txt || fail "not told of the backing file: $(cat said.txt)"
grep -qF "info: '$work/sub/one.qcow2' uses the backing file '$work/sub/base.img' (raw)" \
  said.txt || fail "not told of the base: $(cat said.txt)"

# A chain longer than what a worker can keep open goes over NBD by itself.
cp disk.raw link0.raw
format=raw previous=link0.raw
for i in 1 2 3 4 5 6 7 8 9; do
  qemu-img create -q -f qcow2 -F $format -b "$previous" link$i.qcow2
  format=qcow2 previous=link$i.qcow2
done
same 'a chain of ten' "$("$read_disk" bytes link9.qcow2 | sha256sum)" "$want"

# A name that is no UTF-8, and one with what QEMU takes for a protocol.
odd=$(printf 'm\374ller: disk.qcow2')
cp plain.qcow2 "$odd"
cp zlib.qcow2 "z$odd"
same 'an odd name' "$(bytes_of bytes "$odd")" "$want"
same 'an odd name over NBD' "$(bytes_of bytes "z$odd")" "$want"

# Nothing was written to any of them.
rm -f expected.raw direct.raw nbd.raw said.txt
qemu-img compare -q -f raw -F raw disk.raw link0.raw || fail 'a source changed'
[ -z "$(find . -name 'decant-*')" ] || fail 'something is left behind'
