#!/bin/sh
# make-seeds.sh FOLDER RPM-SEEDS: inputs that are not text, made by the tools
# that write them, at most 64 KiB each.  A tool that is missing is said.
set -e
cd "$1"
rpm_seeds=$2

made () {
  mkdir -p "$1"
  shift
  command -v "$1" >/dev/null || {
    echo "no seeds from $1, which is missing" >&2
    return 1
  }
}

mkdir -p rpm-bdb rpm-ndb rpm-sqlite
"$rpm_seeds" .

if made disk-ext mke2fs; then
  mkdir -p root/etc root/a/b/c
  echo 'ID=x' >root/etc/os-release
  ln -sf ../etc/os-release root/a/link
  head -c 5000 /bin/sh >root/a/b/file
  truncate -s 64K disk-ext/ext4 disk-ext/ext2
  mke2fs -q -F -t ext4 -b 1024 -N 24 -O ^has_journal,^resize_inode \
    -d root disk-ext/ext4 64
  mke2fs -q -F -t ext2 -b 1024 -N 24 -O ^resize_inode -d root disk-ext/ext2 64
fi
if made tar tar; then
  mkdir -p tar-index
  tar --format=pax --xattrs -cf tar/pax -C root .
  tar --format=gnu -cf tar/gnu -C root .
  tar --format=ustar -cf tar/ustar -C root .
  gzip -kc tar/gnu >tar/gzip
  cp tar/ustar tar/gnu tar/pax tar-index/
fi
if made disk-qcow2 qemu-img; then
  mkdir -p disk-vhdx disk-vmdk
  qemu-img create -q -u -f qcow2 -b base.qcow2 -F qcow2 disk-qcow2/backed 1M
  qemu-img create -q -f qcow2 -o data_file=d.raw disk-qcow2/data-file 1M
  qemu-img create -q -f qcow2 -o compat=0.10 disk-qcow2/old 1M
  qemu-img create -q -f vmdk disk-vmdk/sparse 1M
  qemu-img create -q -f vmdk -o subformat=streamOptimized disk-vmdk/stream 1M
  qemu-img create -q -f vhdx large.vhdx 1M
  # Its tables begin at a MiB: what is before it suffices for the headers.
  head -c 65536 large.vhdx >disk-vhdx/head
  rm -f disk-qcow2/d.raw d.raw large.vhdx
fi
if made disk-partitions sfdisk; then
  for label in gpt dos; do
    truncate -s 2M disk
    printf 'label: %s\nsize=512KiB\nsize=256KiB\n' $label | sfdisk -q disk
    head -c 65536 disk >disk-partitions/$label
    rm disk
  done
  truncate -s 2M disk
  printf 'label: dos\nsize=64KiB\nstart=300,size=900,type=5\nsize=64KiB\n' |
    sfdisk -q disk
  head -c 65536 disk >disk-partitions/extended
  rm disk
fi
if made elf gcc; then
  echo 'int main (void) { return 0; }' >a.c
  gcc -o elf/dynamic a.c -Wl,-rpath,/opt/lib -Wl,--no-as-needed -lm
  gcc -shared -o elf/library a.c
  rm a.c
fi
if made pacman-mtree gzip; then
  printf '#mtree\n/set type=file uid=0 gid=0 mode=644\n./.PKGINFO size=1\n%s' \
    './etc type=dir
./etc/a sha256digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
./etc/a\040b size=1
' | gzip -n >pacman-mtree/mtree
fi
if made dnf-history /usr/bin/python3; then
  mkdir -p disk-lvm jar rpm-wal
  /usr/bin/python3 - <<'END'
import shutil, sqlite3, struct, zipfile
with zipfile.ZipFile ('jar/jar', 'w', zipfile.ZIP_DEFLATED) as jar:
    jar.writestr ('META-INF/MANIFEST.MF', 'Implementation-Title: a\n' * 9)
    jar.writestr ('META-INF/maven/g/a/pom.properties',
                  'groupId=g\nartifactId=a\nversion=1\n')
    jar.writestr ('b.jar', b'PK')
# LVM: a label, a metadata area and its text; the target puts the checksums.
text = b'''vg {
id = "gggggggggggggggggggggggggggggggg"
seqno = 1
extent_size = 8
physical_volumes {
pv0 {
id = "00000000000000000000000000000000"
pe_start = 128
pe_count = 9
}
}
logical_volumes {
root {
id = "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
status = ["VISIBLE"]
segment1 {
start_extent = 0
extent_count = 2
type = "striped"
stripe_count = 1
stripes = ["pv0", 1]
}
}
}
}
\0'''
disk = bytearray (16384)
disk[512:544] = struct.pack ('<8sQII8s', b'LABELONE', 1, 0, 32, b'LVM2 001')
disk[544:576] = b'0' * 32
disk[576:640] = struct.pack ('<8Q', 2 << 20, 65536, 0, 0, 0, 4096, 8192, 0)
disk[4096:4160] = struct.pack ('<I16sI5QII', 0, b' LVM2 x[5A%r0N*>', 1, 4096,
                               8192, 512, len (text), 0, 0, 0)[:64]
disk[4608:4608 + len (text)] = text
with open ('disk-lvm/label', 'wb') as f:
    f.write (disk)
db = sqlite3.connect ('history')
db.executescript ('''
  PRAGMA page_size = 512;
  CREATE TABLE rpm (item_id INTEGER, name TEXT, epoch INT, version TEXT,
                    release TEXT, arch TEXT);
  CREATE TABLE trans_item (id INTEGER PRIMARY KEY, trans_id INT, item_id INT,
                           repo_id INT, action INT, reason INT, state INT);
  INSERT INTO rpm VALUES (1, 'one', 0, '1', '2', 'noarch');
  INSERT INTO trans_item VALUES (1, 1, 1, 1, 1, 1, 1);''')
db.close ()
shutil.move ('history', 'dnf-history/history')
db = sqlite3.connect ('wal')
db.executescript ('''
  PRAGMA page_size = 512;
  PRAGMA journal_mode = wal;
  CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL);
  INSERT INTO Packages VALUES (1, zeroblob (900));''')
shutil.copy ('wal-wal', 'rpm-wal/wal')
db.close ()
END
  rm -f wal
fi
rm -rf root
