#!/bin/sh
# The tools that own the format take our images: skopeo the zstd one, umoci
# the gzip one; what is inside is the guest, less what must not be there.
. "${0%/*}/functions.sh"
requires jq --version
requires skopeo --version
disk=$(debian_disk)

"$decant" image "$disk" -o oci:web --json >result.json
jq -e '.digest and (.layers | length == 4)' result.json >/dev/null ||
  fail "the result: $(cat result.json)"
skopeo inspect oci:web:latest >inspect.json
same 'digest' "$(jq -r .Digest inspect.json)" "$(jq -r .digest result.json)"
same 'architecture' "$(jq -r .Architecture inspect.json)" amd64
skopeo inspect --config oci:web:latest >config.json
jq -e '.config.ExposedPorts | has ("80/tcp") and has ("22/tcp") and has ("6379/tcp")' \
  config.json >/dev/null || fail "ports: $(jq .config config.json)"
same 'entrypoint' "$(jq -r '.config.Entrypoint[0]' config.json)" /.decant/init
# skopeo reads and checks every blob when it copies.
skopeo copy -q oci:web:latest dir:copied

# A second tag joins the layout; a tag that is there is replaced and named.
"$decant" image "$disk" -q -o oci:web:second
same 'tags' "$(jq -r '[.manifests[].annotations[]] | sort | join (" ")' web/index.json)" \
  'latest second'
"$decant" image "$disk" -o oci:web:second 2>messages.txt
grep -q "$(jq -r .digest result.json)" messages.txt ||
  fail "the old digest is not said: $(cat messages.txt)"

requires umoci --version
requires_root
"$decant" image "$disk" -q -o oci:gz --compression gzip
umoci unpack --image gz:latest bundle >/dev/null
root=bundle/rootfs
[ -x $root/usr/sbin/nginx ] || fail 'no nginx'
[ -x $root/opt/visits/visits ] || fail 'no application'
[ -s $root/.decant/init.plan ] || fail 'no plan'
for gone in boot/vmlinuz* usr/lib/modules etc/ssh/ssh_host_* etc/fstab \
  var/log/*.log lost+found; do
  for path in $root/$gone; do
    [ ! -e "$path" ] || fail "'$path' is in the image"
  done
done
[ -f $root/etc/machine-id ] && [ ! -s $root/etc/machine-id ] ||
  fail 'machine-id is not an empty file'
uid=$(awk -F: '$1 == "redis" { print $3 }' $root/etc/passwd)
same "owner of redis' log folder" "$(stat -c %u $root/var/log/redis)" "$uid"
[ -d $root/var/log/nginx ] || fail 'a folder that services need is gone'
[ -z "$(find $root -xdev -type b -o -xdev -type c -o -xdev -type s)" ] ||
  fail 'device nodes or sockets'

# zstd and gzip hold the same content.
skopeo inspect --config oci:gz:latest >gz.json
same 'content' "$(jq -c .rootfs.diff_ids gz.json)" "$(jq -c .rootfs.diff_ids config.json)"

"$decant" image "$disk" -q -o oci:explained --explain >explain.txt
grep -q "^left out	etc/machine-id	.*identity" explain.txt || fail 'machine-id has no reason'
grep -q "^distribution	usr/bin/bash	package bash " explain.txt || fail 'bash has no reason'
grep -q "^packages	usr/sbin/nginx	package nginx" explain.txt || fail 'nginx has no reason'
grep -q "^system	opt/visits/visits	" explain.txt || fail 'visits has no reason'
