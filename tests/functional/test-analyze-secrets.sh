#!/bin/sh
# Secrets are named by place and kind, their values are nowhere in the profile,
# and fingerprints tell which are the same only with the key of this host.
. "${0%/*}/functions.sh"
requires jq --version

for guest in one two; do
  mkdir -p $guest/etc/ssh $guest/srv/app $guest/bin
  echo 'ID=tiny' >$guest/etc/os-release
  echo "key of $guest" >$guest/etc/ssh/ssh_host_rsa_key
  printf 'DB_PASSWORD=swordfish-42\nAPI_TOKEN=token-of-%s\n' $guest >$guest/srv/app/.env
  echo 'root:$6$abcdefgh$sameHashOnBoth:1::::::' >$guest/etc/shadow
done
"$decant" analyze --json dir:one dir:two >both.json
! grep -E 'swordfish|token-of|key of|sameHash' both.json || fail 'a value is in the profile'
"$decant" analyze dir:one >one.txt
! grep -E 'swordfish|token-of|key of|sameHash' one.txt || fail 'a value is in the text'
grep -q 'SSH host key  *  */etc/ssh/ssh_host_rsa_key' one.txt || fail "$(cat one.txt)"

print () { sed -n "$1p" both.json | jq -r ".secrets[] | select (.name == \"$2\" or (.name == null and \"$2\" == \"-\")) | .fingerprint"; }
same 'equal secrets' "$(print 1 DB_PASSWORD)" "$(print 2 DB_PASSWORD)"
same 'equal hashes' "$(print 1 root)" "$(print 2 root)"
[ "$(print 1 API_TOKEN)" != "$(print 2 API_TOKEN)" ] || fail 'other secrets look equal'
[ "$(print 1 -)" != "$(print 2 -)" ] || fail 'other keys look equal'
same 'its line' "$(jq -r 'select (.source[0].path == "one") | .secrets[] | select (.name == "API_TOKEN") | "\(.evidence.file):\(.evidence.line)"' both.json)" /srv/app/.env:2

# No plain hash, and another host's is another.
plain=$(printf swordfish-42 | sha256sum | cut -c 1-32)
[ "$(print 1 DB_PASSWORD)" != "$plain" ] || fail 'a plain hash'
DECANT_STATE_DIR=$work/other "$decant" analyze --json dir:one >other.json
[ "$(jq -r '.secrets[] | select (.name == "DB_PASSWORD") | .fingerprint' other.json)" != "$(print 1 DB_PASSWORD)" ] ||
  fail 'the fingerprint does not depend on the key'
same 'key readable by others' "$(find "$work/state" -maxdepth 0 -perm /077)" ''
