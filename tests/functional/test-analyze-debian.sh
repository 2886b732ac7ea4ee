#!/bin/sh
# The profile of a real Debian server: what it is, what it runs, where it
# listens, each with its proof; the disk is not touched.
. "${0%/*}/functions.sh"
requires jq --version
disk=$(debian_disk)

before=$(sha256sum <"$disk")
"$decant" analyze --json "$disk" >profile.json
same 'the disk' "$before" "$(sha256sum <"$disk")"

ask () { jq -r "$1" profile.json; }
same 'system' "$(ask '.os.id + " " + .os.version_id')" 'debian 12'
same 'architecture' "$(ask .architecture)" amd64
same 'hostname' "$(ask .hostname)" decant-demo
same 'backend' "$(ask .guest.backend)" ext
for service in nginx redis-server ssh visits cron; do
  same "$service starts" "$(ask ".services[] | select (.name == \"$service.service\") | .started")" true
done
ask '.endpoints[] | select (.protocol == "tcp") | "\(.service) \(.address) \(.port) \(.evidence.file) \(.confidence)"' |
  sort >endpoints.txt
grep -q '^nginx.service .* 80 /etc/nginx/sites-enabled/default declared$' endpoints.txt ||
  fail "nginx: $(cat endpoints.txt)"
grep -q '^redis-server.service 0.0.0.0 6379 /etc/redis/redis.conf declared$' endpoints.txt ||
  fail "redis: $(cat endpoints.txt)"
grep -q '^ssh.service .* 22 ' endpoints.txt || fail "ssh: $(cat endpoints.txt)"
# The line that is the proof does say it.
line=$(ask '.endpoints[] | select (.port == 6379) | .evidence.line' | head -n 1)
[ "$line" -gt 0 ] || fail 'no line of redis.conf'
[ "$(ask .packages.count)" -gt 150 ] || fail 'too few packages'
ask '.users[].name' | grep -qx visits || fail 'no user visits'
ask '.mounts[] | .mountpoint' | sort | tr '\n' ' ' | grep -qx '/ /boot/efi ' ||
  fail 'not the mounts of fstab'
same 'findings of damage' "$(ask '[.findings[] | select (.id == "tree.note" and (.text | contains ("device node") | not))] | length')" 0

if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
  /usr/bin/python3 - "$top_srcdir/doc/profile.schema.json" profile.json <<'END'
import json, jsonschema, sys
jsonschema.validate (json.load (open (sys.argv[2])), json.load (open (sys.argv[1])))
END
else
  echo 'python3-jsonschema is not here: the schema was not checked'
fi

"$decant" analyze "$disk" >profile.txt
grep -q 'Debian GNU/Linux 12' profile.txt || fail "no system: $(head profile.txt)"
grep -q 'nginx' profile.txt || fail 'no nginx in the text'
awk 'length > 80 { exit 1 }' profile.txt || fail 'wider than 80 columns'

"$decant" analyze --json "$disk" -o out.json
same_file profile.json out.json
refuses 1 "exists" "$decant" analyze --json "$disk" -o out.json
"$decant" analyze --json "$disk" -o out.json --force
