#!/bin/sh
# Disks that others made: the bytes, partitions and refusals they are known
# for.
. "${0%/*}/functions.sh"
requires qemu-img --version
requires qemu-nbd --version
requires zstd --version
requires bzip2 --help
requires xz --version
read_disk=$top_builddir/tests/functional/read-disk

# dfvfs: one ext2 file system in five formats, others for their partitions.
dfvfs=$(data disks/dfvfs-20240505)
for file in ext2.raw ext2.qcow2 ext2.vmdk ext2.vhd ext2.vhdx gpt.raw mbr.raw \
  lvm.raw luks1.raw iso9660.raw ntfs-dynamic.vhdx fat-parent.vhd \
  fat-differential.vhd; do
  zstd -qdc "$dfvfs/$file.zst" >$file
  same "$file as delivered" "$(sha256sum <$file | cut -d' ' -f1)" \
    "$(awk -v f=./$file '$1 == f { print $3 }' "$dfvfs/INDEX.tsv")"
done
for file in ext2.qcow2 ext2.vmdk ext2.vhd ext2.vhdx; do
  for options in '' -n; do
    "$read_disk" $options bytes $file | head -c 4194304 | cmp - ext2.raw ||
      fail "$file $options differs"
  done
  same "$file" "$("$read_disk" partitions $file | cut -d' ' -f6-)" \
    "$("$read_disk" partitions ext2.raw | cut -d' ' -f6-)"
done
partitions () { # partitions FILE EXPECTED
  "$read_disk" partitions "$1" | cut -d' ' -f1-4,6,8 >got.txt
  echo "$2" >expected.txt
  same_file expected.txt got.txt
}
linux=0fc63daf-8483-4772-8e79-3d69d8477de4
partitions gpt.raw "table gpt
1 2048 128 $linux ext2 ext3_test
2 4096 128 $linux ext4 ext4_test"
partitions mbr.raw "table dos
1 1 129 0x83 ext2 ext3_test
2 130 8062 0x5 - -
5 131 129 0x83 ext4 ext4_test"
partitions lvm.raw "table -
0 0 20480 - LVM2_member -"
partitions luks1.raw "table -
0 0 20480 - crypto_LUKS -"
partitions iso9660.raw "table -
0 0 716 - iso9660 CDROM"
partitions ntfs-dynamic.vhdx "table dos
1 128 6016 0x7 ntfs TestVolume"
refuses 1 "is a differencing VHD" "$read_disk" info fat-differential.vhd

# QEMU's samples.
qemu=$(data disks/qemu-7.2-sample_images)
for file in "$qemu"/*.bz2; do
  bzip2 -dc "$file" >"$(basename "$file" .bz2)"
done
same 'size by geometry' "$("$read_disk" info virtualpc-dynamic.vhd)" \
  'vpc 136363130880'
same VHDX "$("$read_disk" info iotest-dynamic-1G.vhdx)" 'vhdx 1073741824'
same 'VMDK 3' "$("$read_disk" info iotest-version3.vmdk)" 'vmdk 17179869184'
refuses 1 'a number in its header is too big' "$read_disk" info afl9.vmdk
refuses 1 'is a Parallels disk' "$read_disk" info parallels-v1

# KubeVirt: a chain without its end, a disk larger than its file.
kubevirt=$(data disks/kubevirt+containerized-data-importer)/tests/images
refuses 1 "cirros.raw'" "$read_disk" info "$kubevirt/cirros-snapshot2.qcow2"
same 'fs-overhead' "$("$read_disk" info "$kubevirt/fs-overhead.qcow2")" \
  'qcow2 858993664'
refuses 1 'is not a qcow2 file' "$read_disk" -f qcow2 info \
  "$kubevirt/invalid_qcow_images/invalid-qcow-large-memory.img"

# Others.
refuses 1 'is not a vmdk file' "$read_disk" info \
  "$(data disks/google+osv-scalibr)/extractor/filesystem/embeddedfs/vmdk/testdata/invalid.vmdk"
"$read_disk" partitions "$(data disks/google+osv-scalibr)/extractor/filesystem/embeddedfs/vmdk/testdata/valid-ext-exfat-fat32-ntfs.vmdk" |
  cut -d' ' -f6 >got.txt
printf '%s\n' '' ext4 exfat vfat ntfs >expected.txt
sed -i 1s/.*// got.txt
same_file expected.txt got.txt
sleuthkit=$(data disks/sleuthkit+sleuthkit)/test/data
"$read_disk" bytes "$sleuthkit/image.qcow" >image.raw
for file in image.vmdk image.vhd; do # image.dd was mounted later
  "$read_disk" bytes "$sleuthkit/$file" | head -c 102400 | cmp - image.raw ||
    fail "$file differs"
done
refuses 1 'is an EWF image' "$read_disk" info "$sleuthkit/image.E01"

# util-linux: whatever blkid(8) finds alone on a disk, we find, except two:
# DDF keeps its header anywhere, this DRBD ends within a sector.
requires blkid --version
for packed in "$(data disks/util-linux-2.41.5)"/tests/ts/blkid/images-fs/*.xz
do
  xz -dc "$packed" >disk.raw
  case $packed in
    *ddf-raid* | *drbd-v08*) continue ;;
  esac
  blkid -p -o export disk.raw >export.txt || :
  for key in TYPE UUID; do
    value=$(sed -n "s/^$key=//p" export.txt)
    "$read_disk" partitions disk.raw 2>stderr.txt | grep -qF -- "$value" ||
      fail "$(basename "$packed"): no $key $value"
  done
done
