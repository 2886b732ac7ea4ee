#!/bin/sh
# libguestfs's phony guests: what virt-inspector is expected to say of them, as
# far as a profile says it too.
. "${0%/*}/functions.sh"
requires jq --version
requires /usr/bin/python3 --version
requires_root

for guest in debian fedora fedora-btrfs; do
  disk=$(data disks/phony-guests/$guest.qcow2)
  expected=$(data disks/phony-guests/expected-${guest%-btrfs}.img.xml)
  "$decant" analyze -q --json "$disk" >$guest.json
  /usr/bin/python3 - "$expected" $guest.json <<'END' || fail "$guest differs"
import json, sys, xml.etree.ElementTree as tree
system = tree.parse (sys.argv[1]).getroot ().find ('operatingsystem')
profile = json.load (open (sys.argv[2]))
text = lambda name: system.findtext (name)
bad = 0
def same (what, want, got):
    global bad
    if want != got:
        print (f'{what}: expected {want!r}, got {got!r}')
        bad = 1
same ('architecture', {'x86_64': 'amd64'}[text ('arch')], profile['architecture'])
same ('distribution', text ('distro'), profile['os']['id'])
same ('major version', text ('major_version'), profile['os']['version_id'].split ('.')[0])
same ('hostname', text ('hostname'), profile['hostname'])
if text ('package_format') == 'deb':
    same ('packages',
          sorted ((a.findtext ('name'), a.findtext ('version') + '-' + a.findtext ('release'))
                  for a in system.find ('applications')),
          sorted ((p['name'], p['version']) for p in profile['packages']['items']))
if text ('package_format') == 'rpm':
    def rpm (a):
        epoch = a.findtext ('epoch')
        return (a.findtext ('name'), (epoch + ':' if epoch else '') +
                a.findtext ('version') + '-' + a.findtext ('release'), {'(none)': None}.get (a.findtext ('arch'), a.findtext ('arch')))
    same ('packages', sorted (rpm (a) for a in system.find ('applications')),
          sorted ((p['name'], p['version'], p['arch']) for p in profile['packages']['items']))
# On btrfs /home is a volume of its own; the recipe has no expected text for it.
more = ['/home'] if 'btrfs' in sys.argv[2] else []
same ('mount points',
      sorted ([m.text for m in system.find ('mountpoints')] + more),
      sorted (f['mountpoint'] for f in profile['guest']['filesystems'] if f['mountpoint']))
sys.exit (bad)
END
done
