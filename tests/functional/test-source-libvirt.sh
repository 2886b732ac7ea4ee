#!/bin/sh
# libvirt: sources.  A machine that is shut off is read from its disks, one that
# runs through a backup, which leaves nothing behind: not when it is done, not
# after the next run when it was killed.
. "${0%/*}/functions.sh"
requires mke2fs -V
requires jq --version
requires qemu-img --version
refuses_build () { "$decant" analyze libvirt:x 2>&1 | grep -q 'without libvirt'; }
if refuses_build; then skip 'built without libvirt'; fi

mkdir -p root/etc root/usr/lib root/bin
cp /bin/cat root/bin/sh
echo 'ID=tiny' >root/etc/os-release
truncate -s 16M tiny.raw
mke2fs -q -t ext4 -d root tiny.raw
qemu-img convert -O qcow2 tiny.raw tiny.qcow2

# domain TYPE NAME DISK: its definition.
domain () {
  cat <<END
<domain type='$1' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
<name>$2</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<devices>$3<target dev='vda' bus='virtio'/></disk>
<memballoon model='none'/></devices>${4:-}</domain>
END
}
disk="<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
<source file='$work/tiny.qcow2'/>"
raw="<disk type='file' device='disk'><driver name='qemu' type='raw'/>
<source file='$work/tiny.qcow2'/>"
net="<disk type='network' device='disk'><driver name='qemu' type='raw'/>
<source protocol='nbd' name='x'><host name='h'/></source>"
off='<test:runstate>5</test:runstate>'

# libvirt's own test driver: machines that are only said to be there.
{
  echo '<node>'
  domain test web "$disk" "$off"
  domain test run "$disk"
  domain test net "$net" "$off"
  domain test gone "$(echo "$disk" | sed s/tiny/gone/)" "$off"
  domain test mistaken "$raw" "$off"
  echo '</node>'
} >node.xml
uri=test://$work/node.xml
before=$(sha256sum <tiny.qcow2)
"$decant" analyze -c "$uri" --json libvirt:web >web.json
same 'the guest' "$(jq -r '.os.id, .machine.name, .machine.memory_bytes' \
  web.json | tr '\n' ' ')" 'tiny web 134217728 '
refused () { refuses 1 "$1" "$decant" analyze -q -c "$uri" "libvirt:$2"; }
refused 'no backup of it can begin' run
refused "disk 'vda' is of type 'network'" net
refused 'gone.qcow2' gone
refused "no machine 'nobody'" nobody
refused 'no operating system' mistaken # raw, as the administrator says
refuses 1 'on another host' "$decant" analyze -c qemu+ssh://host/system libvirt:x
refuses 1 'cannot talk to libvirt' "$decant" analyze -c nonsense:///x libvirt:x

# A real libvirt of our own, with a guest that runs (and finds nothing to boot).
requires_root
requires unshare -mn true
requires libvirtd --version
requires qemu-system-x86_64 --version
cat >host.sh <<'END'
mount --make-rprivate /
ip link set lo up
mkdir -p var run cache etc log /run/libvirt /var/cache/libvirt
cp -a /etc/libvirt/. etc/
mount --bind etc /etc/libvirt
mount --bind var /var/lib/libvirt
mount --bind run /run/libvirt
mount --bind cache /var/cache/libvirt
mount --bind log /var/log/libvirt
echo 'unix_sock_dir = "/run/libvirt"
auth_unix_rw = "none"' >/etc/libvirt/libvirtd.conf
echo 'user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
dynamic_ownership = 0' >/etc/libvirt/qemu.conf
exec libvirtd >libvirtd.log 2>&1
END
unshare -mn sh host.sh &
host=$!
there () { nsenter -t $host -m -n --wd="$work" "$@"; }
cleanup "there virsh -q -c qemu:///system destroy live >/dev/null 2>&1;
  kill $host; wait $host"
for _ in $(seq 100); do
  there virsh -q -c qemu:///system list >/dev/null 2>&1 && break
  kill -0 $host 2>/dev/null || skip "libvirtd does not run here: $(tail -1 libvirtd.log)"
  sleep 0.1
done
domain qemu live "$disk" >live.xml
there virsh -q -c qemu:///system define live.xml ||
  skip 'libvirt does not take a guest here'
analyze () {
  there "$decant" analyze -c qemu:///system --json libvirt:live >all.json
  jq 'del (.machine)' all.json # libvirt adds lines to a definition that runs
}
folders () { find /var/tmp -maxdepth 1 -name 'decant-backup-*' -newer live.xml; }
job () { there virsh -c qemu:///system domjobinfo live | sed -n 's/Job type: *//p' | tr -d ' '; }

analyze >off.json
there virsh -q -c qemu:///system start live || skip 'QEMU does not run here'
there virsh -q -c qemu:///system dumpxml live >before.xml
analyze >on.json 2>said.txt
same_file off.json on.json
grep -q 'no guest agent' said.txt || fail "it said $(cat said.txt)"
same 'the job afterwards' "$(job)" None
same 'what is left' "$(folders)" ''
there virsh -q -c qemu:///system dumpxml live >after.xml
same_file before.xml after.xml

# Killed while it reads: the guest goes on, the next run ends the backup.
there "$decant" analyze -c qemu:///system --json -o killed.json libvirt:live \
  2>/dev/null &
victim=$!
for _ in $(seq 500); do [ -z "$(folders)" ] || break; done
pid=$(pgrep -P $victim -x decant || echo $victim)
kill -9 "$pid" 2>/dev/null || :
wait $victim 2>/dev/null || :
mkdir -p "/var/tmp/decant-backup-test$$/x"
touch -d '2 minutes ago' "/var/tmp/decant-backup-test$$"
analyze >again.json 2>said.txt || fail "after a killed run: $(cat said.txt)"
[ ! -e "/var/tmp/decant-backup-test$$" ] || fail 'an old folder is still there'
same_file off.json again.json
same 'the job of a killed run' "$(job)" None
same 'the disk' "$(sha256sum <tiny.qcow2)" "$before"
