#!/bin/sh
# The profile of a folder full of real units, odd files and bytes that are not
# UTF-8 is what the schema says, and the same each time; its text fits.
. "${0%/*}/functions.sh"
requires /usr/bin/python3 -c 'import jsonschema'
dump=$top_builddir/tests/functional/dump-facts
systemd=$(data systemd/systemd-257/units)
daemons=$(data debian-daemons)

mkdir -p root/usr/lib/systemd/system root/etc/systemd/system root/var/lib/dpkg
cp -r "$systemd"/. root/usr/lib/systemd/system
for folder in "$daemons"/*/; do
  cp -r "$folder"/. root
done
chmod -R u+w root
if [ -d root/lib ]; then
  cp -r root/lib/. root/usr/lib
  rm -r root/lib
fi
units=root/etc/systemd/system
ln -s graphical.target root/usr/lib/systemd/system/default.target
mkdir -p $units/multi-user.target.wants $units/ssh.service.d
for unit in nginx ssh cron; do
  ln -s /usr/lib/systemd/system/$unit.service $units/multi-user.target.wants
done
printf '[Service]\nUser=odd\377\nEnvironmentFile=-/x\n' >$units/ssh.service.d/x.conf
ln -s /dev/null $units/masked.service
printf '[Service\n' >$units/bad.service
printf '[Unit]\nDescription=a\033[31m\n' >$units/escape.service
printf 'root:x:0:0:\377:/r\377:/bin/sh\n' >root/etc/passwd
printf 'root:x:0:a,b\n' >root/etc/group
printf 'ID=debian\nPRETTY_NAME="Deb\377ian\033[31m"\n' >root/etc/os-release
printf '/dev/s\377da1 / ext4\n' >root/etc/fstab
printf 'Package: nginx\nVersion: 1\n\nPackage: x\nVersion: \377\n' \
  >root/var/lib/dpkg/status

"$dump" root json >one.json
"$dump" root json >two.json
same_file one.json two.json
/usr/bin/python3 - "$top_srcdir/doc/profile.schema.json" one.json <<'END' ||
import json, sys
from jsonschema import Draft202012Validator
schema, profile = (json.load (open (name)) for name in sys.argv[1:])
Draft202012Validator.check_schema (schema)
errors = list (Draft202012Validator (schema).iter_errors (profile))
for error in errors[:20]:
    print (error.json_path, error.message[:300])

# Every field is described, and none beyond it is allowed.
def check (part, path):
    if "properties" in part:
        assert part.get ("additionalProperties") is False, path
        assert sorted (part["required"]) == sorted (part["properties"]), path
    for name, field in part.get ("properties", {}).items ():
        assert field.get ("description"), path + "." + name
        check (field, path + "." + name)
    if "items" in part:
        check (part["items"], path + "[]")
check (schema, "$")
for name, part in schema["$defs"].items ():
    check (part, name)

services = {service["name"]: service for service in profile["services"]}
assert services["nginx.service"]["started"]
assert services["masked.service"]["state"] == "masked"
assert services["bad.service"]["state"] == "bad"
assert services["bad.service"]["problem"]
assert list (services) == sorted (services, key=lambda name: name.encode ())
assert len (services) > 60
assert profile["os"]["pretty_name"] == "Deb\ufffdian\x1b[31m"
assert profile["guest"]["backend"] == "dir"
sys.exit (len (errors) > 0)
END
  fail 'see above'

"$dump" root text >text
grep -q '^Deb\\xEF\|^Deb' text || fail "no name in $(head -n 1 text)"
if LC_ALL=C grep -n "$(printf '\033')" text; then
  fail 'the text has an escape'
fi
wide=$(LC_ALL=C.UTF-8 awk 'length ($0) > 80' text)
[ -z "$wide" ] || fail "wider than 80 columns: $wide"
for heading in 'Services that start' 'Packages: 2' 'Findings'; do
  grep -q "^$heading" text || fail "no '$heading' in $(cat text)"
done
