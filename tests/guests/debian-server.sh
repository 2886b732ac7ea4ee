#!/bin/sh
# usage: debian-server.sh DISK.qcow2 [SUITE]
#
# Makes a real, bootable Debian server as a virtual machine has it: systemd, a
# kernel, nginx, redis, sshd, and a small application under /opt with a unit
# and a user of its own.  GPT with an EFI system partition (systemd-boot) and
# an ext4 root, as qcow2.  Needs root, mmdebstrap, mke2fs, mkfs.vfat, mtools,
# sfdisk, qemu-img; and a minute, most of it for mmdebstrap.
set -eu
disk=$1
suite=${2:-bookworm}
work=$(mktemp -d "${TMPDIR:-/var/tmp}/decant-guest.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

packages=linux-image-cloud-amd64,systemd-sysv,systemd-boot-efi,udev,dbus
packages=$packages,openssh-server,nginx,redis-server,cron,curl,ca-certificates

mkdir "$work/files"
cat >"$work/files/visits" <<'END'
#!/usr/bin/perl
# visits: answers HTTP on port 8080 with a number that redis keeps.
use strict;
use warnings;
use IO::Socket::INET;

my $server = IO::Socket::INET->new (LocalPort => $ENV{PORT} || 8080,
                                    Listen => 16, ReuseAddr => 1)
    or die "cannot listen: $!\n";
while (my $client = $server->accept) {
  while (my $line = <$client>) { last if $line =~ /^\r?\n$/ }
  my $redis = IO::Socket::INET->new (PeerAddr => '127.0.0.1:6379');
  my $count = 'no redis';
  if ($redis) {
    print $redis "INCR visits\r\n";
    ($count) = (<$redis> // '') =~ /^:(\d+)/;
  }
  my $body = sprintf "visit %s, served by %s\n", $count // '?',
      getpwuid ($<);
  print $client "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n",
      'Content-Length: ', length $body, "\r\n\r\n", $body;
}
END
cat >"$work/files/visits.service" <<'END'
[Unit]
Description=counts visits
After=network.target redis-server.service

[Service]
User=visits
EnvironmentFile=/opt/visits/visits.env
WorkingDirectory=/opt/visits
ExecStart=/opt/visits/visits
Restart=on-failure

[Install]
WantedBy=multi-user.target
END
echo 'PORT=8080' >"$work/files/visits.env"
cat >"$work/files/customize.sh" <<'END'
#!/bin/sh
set -eu
root=$1
files=$2
echo 'decant-demo' >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 decant-demo\n' >"$root/etc/hosts"
printf '[Match]\nName=en* eth*\n\n[Network]\nDHCP=yes\n' \
  >"$root/etc/systemd/network/20-wired.network"
chroot "$root" systemctl enable systemd-networkd.service
chroot "$root" useradd --system --home-dir /opt/visits --shell /usr/sbin/nologin visits
mkdir "$root/opt/visits"
install -m 755 "$files/visits" "$root/opt/visits/visits"
install -m 644 "$files/visits.env" "$root/opt/visits/visits.env"
install -m 644 "$files/visits.service" "$root/etc/systemd/system/visits.service"
chroot "$root" systemctl enable visits.service
# Reachable from outside, as a server's redis in a private network is.
sed -i 's/^bind .*/bind 0.0.0.0/; s/^protected-mode .*/protected-mode no/' \
  "$root/etc/redis/redis.conf"
# The application is behind nginx, on the same host.
sed -i '/server_name _;/a\	location /visits { proxy_pass http://127.0.0.1:8080; }' \
  "$root/etc/nginx/sites-available/default"
echo '<h1>Hello from a converted Debian server</h1>' >"$root/var/www/html/index.html"
END
chmod +x "$work/files/customize.sh"

mmdebstrap --variant=apt --include="$packages" \
  --customize-hook="$work/files/customize.sh \"\$1\" $work/files" \
  "$suite" "$work/root" >"$work/mmdebstrap.log" 2>&1 || {
  cat "$work/mmdebstrap.log" >&2
  exit 1
}
root_uuid=$(cat /proc/sys/kernel/random/uuid)
printf 'UUID=%s / ext4 errors=remount-ro 0 1\n' "$root_uuid" >"$work/root/etc/fstab"
echo 'LABEL=ESP /boot/efi vfat umask=0077 0 1' >>"$work/root/etc/fstab"
mkdir -p "$work/root/boot/efi"

# The EFI system partition: systemd-boot, kernel, initramfs.
esp=$work/esp.img
truncate -s 96M "$esp"
mkfs.vfat -n ESP "$esp" >/dev/null
kernel=$(echo "$work"/root/boot/vmlinuz-*)
initrd=$(echo "$work"/root/boot/initrd.img-*)
printf 'default decant\n' >"$work/loader.conf"
printf 'title Debian\nlinux /vmlinuz\ninitrd /initrd.img\noptions root=UUID=%s ro console=ttyS0\n' \
  "$root_uuid" >"$work/decant.conf"
mmd -i "$esp" ::EFI ::EFI/BOOT ::loader ::loader/entries
mcopy -i "$esp" "$work/root/usr/lib/systemd/boot/efi/systemd-bootx64.efi" ::EFI/BOOT/BOOTX64.EFI
mcopy -i "$esp" "$kernel" ::vmlinuz
mcopy -i "$esp" "$initrd" ::initrd.img
mcopy -i "$esp" "$work/loader.conf" ::loader/loader.conf
mcopy -i "$esp" "$work/decant.conf" ::loader/entries/decant.conf

# The whole disk: 1 MiB of table, the ESP, 2 GiB of root.
raw=$work/disk.raw
truncate -s 2147M "$raw"
sfdisk -q "$raw" <<END
label: gpt
start=1MiB, size=96MiB, type=uefi, name=esp
start=97MiB, size=2048MiB, type=linux, name=root
END
dd if="$esp" of="$raw" bs=1M seek=1 conv=notrunc,sparse status=none
truncate -s 2048M "$work/root.img"
mke2fs -q -t ext4 -U "$root_uuid" -L root -d "$work/root" "$work/root.img"
dd if="$work/root.img" of="$raw" bs=1M seek=97 conv=notrunc,sparse status=none
qemu-img convert -f raw -O qcow2 "$raw" "$work/disk.qcow2"
mv "$work/disk.qcow2" "$disk"
