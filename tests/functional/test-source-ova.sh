#!/bin/sh
# ova: and vmx: sources: the disks are read where they lie, the digests of the
# manifest count, nothing outside the archive or the folder is touched, and
# every damage is one sentence.
. "${0%/*}/functions.sh"
requires qemu-img --version
requires mke2fs -V
requires jq --version

mkdir -p root/etc root/usr/lib root/bin root/srv data
cp /bin/cat root/bin/sh
echo 'ID=tiny' >root/etc/os-release
echo '/dev/sdb /srv ext4 defaults 0 2' >root/etc/fstab
echo more >data/file
truncate -s 16M tiny.raw
mke2fs -q -t ext4 -d root tiny.raw
truncate -s 8M data.raw
mke2fs -q -t ext4 -d data data.raw
"$decant" analyze -q --json tiny.raw --add data.raw |
  jq 'del (.source, .machine, .resources)' >expected.json
jq -e '.guest.filesystems | length == 2' expected.json >/dev/null ||
  fail 'the guest has not two disks'

# ovf DISK DISK [ATTRIBUTES]: the definition of a machine with these files.
ovf () {
  cat <<END
<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="r">
<References>
  <File ovf:id="f1" ovf:href="$1" ${3:-}/><File ovf:id="f2" ovf:href="$2"/>
</References>
<DiskSection><Disk ovf:diskId="d2" ovf:capacity="8"
  ovf:capacityAllocationUnits="byte * 2^20" ovf:fileRef="f2"/>
<Disk ovf:diskId="d1" ovf:capacity="16777216" ovf:fileRef="f1"/></DiskSection>
<VirtualSystem ovf:id="web"><Name>Web</Name><VirtualHardwareSection>
<Item><rasd:ResourceType>3</rasd:ResourceType>
  <rasd:VirtualQuantity>2</rasd:VirtualQuantity></Item>
<Item><rasd:ResourceType>4</rasd:ResourceType>
  <rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits>
  <rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
<Item><rasd:ResourceType>17</rasd:ResourceType>
  <rasd:HostResource>ovf:/disk/d1</rasd:HostResource></Item>
<Item><rasd:ResourceType>17</rasd:ResourceType>
  <rasd:HostResource>/disk/d2</rasd:HostResource></Item>
</VirtualHardwareSection></VirtualSystem></Envelope>
END
}
# manifest ALGORITHM FILE...
manifest () {
  tool=$(echo "$1" | tr '[:upper:]' '[:lower:]')sum
  name=$1
  shift
  for file; do
    echo "$name($file)= $("$tool" <"$file" | cut -d' ' -f1)"
  done
}
# reads SOURCE: it is the guest, with its machine.
reads () {
  "$decant" analyze --json "$1" >own.json 2>said.txt || fail "$(cat said.txt)"
  [ ! -s said.txt ] || fail "'$1' said: $(cat said.txt)"
  jq 'del (.source, .machine, .resources)' own.json >own.guest
  same_file expected.json own.guest
  same "machine of $1" "$(jq -c '.machine | [.name, .cpus, .memory_bytes]' \
    own.json)" '["Web",2,536870912]'
}

# All forms of disks, in archives of all kinds of tar.
qemu-img convert -O vmdk -o subformat=streamOptimized tiny.raw one.vmdk
qemu-img convert -O vmdk data.raw two.vmdk
qemu-img convert -O qcow2 -c tiny.raw one.qcow2
cp tiny.raw one.raw
cp data.raw two.img
long=$(printf '%0120d' 7).vmdk
cp one.vmdk "$long"
n=0
for form in 'one.vmdk two.vmdk SHA256 ustar' 'one.raw two.img SHA1 gnu' \
  'one.qcow2 two.vmdk SHA512 pax' "$long two.img SHA256 gnu" \
  "$long two.img SHA256 pax"; do
  # shellcheck disable=SC2086
  set -- $form
  n=$((n + 1))
  ovf "$1" "$2" >web.ovf
  manifest "$3" web.ovf "$1" "$2" >web.mf
  : >web.cert
  tar --format="$4" -cf $n.ova web.ovf web.mf web.cert "$1" "$2"
  before=$(sha256sum <$n.ova)
  reads ova:$n.ova
  same "$n.ova afterwards" "$(sha256sum <$n.ova)" "$before"
  reads ova:web.ovf
done
same 'its parts' "$(jq -c '[.source[].path]' own.json)" \
  "[\"$long\",\"two.img\"]"

# refused WORDS SOURCE
refused () { refuses 1 "$1" "$decant" analyze -q --json "$2"; }
# archive FILE...: web.ova of them
archive () { tar --format=ustar -cf web.ova "$@"; }

# Digests.
ovf one.vmdk two.img >web.ovf
manifest SHA256 web.ovf one.vmdk two.img | sed '2s/...$/000/' >web.mf
archive web.ovf web.mf one.vmdk two.img
refused 'the manifest says' ova:web.ova
refused 'the manifest says' ova:web.ovf
refuses 1 'the manifest says' "$decant" image -q ova:web.ova -o oci:out
[ ! -e out ] || fail 'an image was made of a source with a wrong digest'
echo 'MD5(one.vmdk)= 00' >web.mf
archive web.ovf web.mf one.vmdk two.img
refused "'MD5' is none of" ova:web.ova
echo 'one.vmdk' >web.mf
refused 'line 1: it is not' ova:web.ovf
rm web.mf

# Archives.
archive web.ovf one.vmdk
refused "'two.img' is not in the archive" ova:web.ova
archive one.vmdk two.img
refused 'no *.ovf' ova:web.ova
cp web.ovf other.ovf
archive web.ovf other.ovf one.vmdk two.img
refused '2 files *.ovf' ova:web.ova
rm other.ovf
archive web.ovf one.vmdk two.img
tar --format=ustar -rf web.ova one.vmdk
refused "two members 'one.vmdk'" ova:web.ova
archive web.ovf one.vmdk two.img
head -c 100000 web.ova >cut.ova
refused 'ends within a member' ova:cut.ova
cp tiny.raw no.ova
refused 'no tar archive' ova:no.ova
: >empty.ova
refused 'no tar archive' ova:empty.ova
refused 'cannot open' ova:gone.ova
refused 'folder' ova:data
refuses 1 'only disks can be given together' "$decant" analyze ova:web.ova \
  --add tiny.raw

# Definitions.
echo '<Envelope' >web.ovf
refused 'web.ovf' ova:web.ovf
echo '<a/>' >web.ovf
refused "it is no OVF but a 'a'" ova:web.ovf
ovf one.vmdk two.img 'ovf:compression="gzip"' >web.ovf
refused 'compressed with gzip' ova:web.ovf
ovf one.vmdk two.img 'ovf:chunkSize="10"' >web.ovf
refused 'split into chunks' ova:web.ovf

# What a definition may name: files in its folder.
mkdir sub outside
cp two.img outside/two.img
cp one.vmdk sub
ovf one.vmdk "$PWD/outside/two.img" >sub/web.ovf
refused 'outside its folder' ova:sub/web.ovf
ovf one.vmdk ../outside/two.img >sub/web.ovf
refused 'outside its folder' ova:sub/web.ovf
"$decant" analyze -q --json ova:sub/web.ovf --allow-backing outside/two.img |
  jq -e '.guest.filesystems | length == 2' >/dev/null ||
  fail '--allow-backing does not allow'
ln -s ../outside/two.img sub/two.img
ovf one.vmdk two.img >sub/web.ovf
refused 'outside its folder' ova:sub/web.ovf
ovf one.vmdk http://example.org/two.img >sub/web.ovf
refused 'only files' ova:sub/web.ovf
# A disk in an archive has nothing beside it.
qemu-img create -q -u -f qcow2 -b "$PWD/tiny.raw" -F raw thief.qcow2 16M
ovf thief.qcow2 two.img >web.ovf
archive web.ovf thief.qcow2 two.img
refused 'a disk in an archive cannot have' ova:web.ova

# VMware's own files.
vmx () {
  printf '%s\n' '.encoding = "UTF-8"' 'config.version = "8"' \
    'displayName = "W|65b"' 'MemSize = "512"' 'numvcpus = "2"' \
    'scsi0.present = "TRUE"' "scsi0:0.fileName = \"$1\"" \
    'scsi0:0.present = "TRUE"' "scsi0:1.fileName = \"$2\"" \
    'scsi0:1.present = "TRUE"' 'scsi0:1.deviceType = "scsi-hardDisk"' \
    'ide1:0.present = "TRUE"' 'ide1:0.deviceType = "cdrom-image"' \
    'ide1:0.fileName = "/no/such.iso"'
}
vmx one.vmdk two.vmdk >web.vmx
reads vmx:web.vmx
vmx one.vmdk ../outside/two.vmdk >sub/web.vmx
refused 'outside its folder' vmx:sub/web.vmx
vmx one.vmdk /etc/passwd >web.vmx
refused '/etc/passwd' vmx:web.vmx
vmx one.vmdk gone.vmdk >web.vmx
refused 'gone.vmdk' vmx:web.vmx
echo 'nonsense' >web.vmx
refused "line 1: there is no '='" vmx:web.vmx
echo 'a = "b"' >web.vmx
refused 'no VMware machine' vmx:web.vmx
printf 'config.version = "8"\ndisplayName = "a|zz"\n' >web.vmx
refused 'line 2' vmx:web.vmx
printf 'config.version = "8"\n' >web.vmx
refused 'no disk' vmx:web.vmx
