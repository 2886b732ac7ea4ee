#!/bin/sh
# Same disk, same image: whatever the number of threads, locale, umask, time
# zone, folder, container of the disk, and tree backend.
. "${0%/*}/functions.sh"
requires jq --version
requires qemu-img --version
disk=$(debian_disk)

digest () { jq -r '.manifests[0].digest' "$1/index.json"; }
"$decant" image "$disk" -q -o oci:first
want=$(digest first)
diff_ids () {
  manifest=$(digest "$1" | cut -d: -f2)
  config=$(jq -r .config.digest "$1/blobs/sha256/$manifest" | cut -d: -f2)
  jq -c .rootfs.diff_ids "$1/blobs/sha256/$config"
}
want_ids=$(diff_ids first)

for threads in 1 2 7; do
  "$decant" image "$disk" -q -o "oci:threads$threads" --threads $threads
  same "$threads threads" "$(digest threads$threads)" "$want"
done
mkdir elsewhere
(cd elsewhere && umask 077 &&
  LC_ALL=C.UTF-8 TZ=Asia/Tokyo "$decant" image "$disk" -q -o oci:there)
same 'other locale, umask, zone, folder' "$(digest elsewhere/there)" "$want"
rm -rf threads* elsewhere

# The same bytes in another container give the same image.
qemu-img convert -f qcow2 -O raw "$disk" disk.raw
"$decant" image disk.raw -q -o oci:raw
same 'raw' "$(digest raw)" "$want"
rm disk.raw
qemu-img convert -f qcow2 -O qcow2 -c "$disk" compressed.qcow2
"$decant" image compressed.qcow2 -q -o oci:nbd
same 'compressed qcow2, over NBD' "$(digest nbd)" "$want"
rm -rf compressed.qcow2 raw nbd

# A time from outside is taken.
SOURCE_DATE_EPOCH=1000000000 "$decant" image "$disk" -q -o oci:epoch
same 'layers with another time' "$(diff_ids epoch)" "$want_ids"
manifest=$(digest epoch | cut -d: -f2)
config=$(jq -r .config.digest "epoch/blobs/sha256/$manifest" | cut -d: -f2)
same 'time' "$(jq -r .created "epoch/blobs/sha256/$config")" 2001-09-09T01:46:40Z
