#!/bin/sh
# Partitions and what lies in them are what sfdisk(8) and blkid(8) say.
. "${0%/*}/functions.sh"
requires sfdisk --version
requires blkid --version
requires qemu-img --version
read_disk=$top_builddir/tests/functional/read-disk
PATH=$PATH:/usr/sbin:/sbin

# value FILE KEY OFFSET SIZE: what blkid says of that part, "-" for nothing.
value () {
  blkid_said=$(blkid -p -o value -s "$2" -O "$3" -S "$4" "$1" || :)
  echo "${blkid_said:--}"
}

# expected FILE: the same lines as read-disk, from the two tools.
expected () {
  echo "table $(sfdisk -J "$1" | sed -n 's/.*"label": *"\(.*\)".*/\1/p')"
  sfdisk -d "$1" | sed -n "s|^$1p\{0,1\}\([0-9]*\) : *||p; t" |
    sed 's/ //g' >entries.txt
  sfdisk -d "$1" | sed -n "s|^$1p\{0,1\}\([0-9]*\) : .*|\1|p" >numbers.txt
  paste -d, numbers.txt entries.txt | while IFS= read -r entry; do
    number=${entry%%,*}
    start=$(echo "$entry" | sed -n 's/.*start=\([0-9]*\).*/\1/p')
    size=$(echo "$entry" | sed -n 's/.*size=\([0-9]*\).*/\1/p')
    type=$(echo "$entry" | sed -n 's/.*type=\([^,]*\).*/\1/p' | tr A-F a-f)
    uuid=$(echo "$entry" | sed -n 's/.*uuid=\([^,]*\).*/\1/p' | tr A-F a-f)
    case $type in
      ??????*) ;;
      *) type=0x$type
         uuid=$(sfdisk -d "$1" | sed -n 's/^label-id: 0x//p')
         uuid=$(printf '%s-%02x' "$uuid" "$number") ;;
    esac
    offset=$((start * 512)) bytes=$((size * 512))
    case $type in
      0x5 | 0xf) echo "$number $start $size $type $uuid - - -" ;;
      *) echo "$number $start $size $type $uuid" \
           "$(value "$1" TYPE $offset $bytes)" \
           "$(value "$1" UUID $offset $bytes)" \
           "$(value "$1" LABEL $offset $bytes)" ;;
    esac
  done
}

compare () {
  expected "$1" >expected.txt
  [ "$(grep -c ' [a-zA-Z0-9_]* [-0-9a-fA-F]* [A-Za-z]*$' expected.txt)" -ge 5 ] ||
    fail "the test itself found too little: $(cat expected.txt)"
  "$read_disk" partitions "$1" >got.txt
  same_file expected.txt got.txt
}

# put FILE START-MIB: write a file system into a part.
put () { dd if="$1" of=disk.raw bs=1M seek="$2" conv=notrunc,sparse status=none; }
make () { # make SIZE COMMAND...: a file system in fs.img, 1 if not possible
  rm -f fs.img
  truncate -s "$1" fs.img
  shift
  command -v "$1" >/dev/null || { echo "no $1, leaving it out"; return 1; }
  "$@" fs.img >/dev/null 2>&1 || fail "'$*' failed"
}

for label in gpt dos; do
  rm -f disk.raw
  truncate -s 3G disk.raw
  case $label in
    gpt) sfdisk -q disk.raw <<END ;;
label: gpt
start=1MiB, size=64MiB, type=uefi, name="EFI"
start=100MiB, size=200MiB, type=linux
start=300MiB, size=200MiB, type=linux
start=600MiB, size=300MiB, type=linux
start=1000MiB, size=300MiB, type=linux
start=1400MiB, size=200MiB, type=swap
start=1700MiB, size=1000MiB
END
    dos) sfdisk -q disk.raw <<END ;;
label: dos
start=1MiB, size=64MiB, type=c
start=100MiB, size=200MiB, type=83
start=300MiB, size=2600MiB, type=f
start=301MiB, size=200MiB, type=83
start=600MiB, size=300MiB, type=83
start=1000MiB, size=300MiB, type=83
start=1400MiB, size=200MiB, type=82
start=1700MiB, size=1000MiB, type=7
END
  esac
  third=$([ $label = gpt ] && echo 300 || echo 301)
  if make 64M mkfs.vfat -F 32 -n 'EFI SYS'; then put fs.img 1; fi
  if make 200M mkfs.ext4 -q -L root; then put fs.img 100; fi
  if make 200M mkfs.exfat -L Exchange; then put fs.img $third; fi
  if make 300M mkfs.xfs -q -L var; then put fs.img 600; fi
  if make 300M mkfs.btrfs -q -L home; then put fs.img 1000; fi
  if make 200M mkswap -L swap; then put fs.img 1400; fi
  if make 1000M mkfs.ntfs -F -Q -L Windows; then put fs.img 1700; fi
  compare disk.raw

  # The same through a format and over NBD.
  qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2
  "$read_disk" partitions disk.qcow2 | diff got.txt - || fail 'qcow2 differs'
  "$read_disk" -n partitions disk.qcow2 | diff got.txt - || fail 'NBD differs'

  # Cut off in the middle of a part: it is there, with what is left of it.
  head -c 1100M disk.raw >cut.raw
  "$read_disk" partitions cut.raw >cut.txt
  grep -q ' 2048000 204800 .* btrfs ' cut.txt ||
    fail "a cut part is not there: $(cat cut.txt)"
  ! grep -q ' 2867200 ' cut.txt || fail 'a part behind the end is there'
done

# Without a table.
make 300M mkfs.ext4 -q -L whole
mv fs.img whole.raw
same 'a file system alone' "$("$read_disk" partitions whole.raw)" \
  "table -
0 0 614400 - - ext4 $(value whole.raw UUID 0 314572800) whole"
make 300M mkfs.vfat -F 32 -n FLOPPY
"$read_disk" partitions -f raw fs.img | grep -q '^0 0 614400 - - vfat ' ||
  fail 'FAT alone is taken for a table'

# A GPT of 4096-byte sectors, as disks of such guests have it.
truncate -s 100M big-sectors.raw
if sfdisk --help | grep -q -- --sector-size; then
  sfdisk -q --sector-size 4096 big-sectors.raw <<END
label: gpt
start=256, size=1024
END
  "$read_disk" partitions big-sectors.raw >got.txt
  grep -q '^1 2048 8192 ' got.txt || fail "4096: $(cat got.txt)"
fi

# A damaged GPT: the copy at the end is used; without it there is an error.
truncate -s 64M damaged.raw
printf 'label: gpt\nstart=1MiB, size=8MiB\n' | sfdisk -q damaged.raw
"$read_disk" partitions damaged.raw >want.txt
dd if=/dev/zero of=damaged.raw bs=512 seek=1 count=33 conv=notrunc status=none
"$read_disk" partitions damaged.raw | diff want.txt - || fail 'no second GPT'
truncate -s 63M damaged.raw
refuses 1 'has a protective MBR, but neither copy' "$read_disk" \
  partitions damaged.raw
