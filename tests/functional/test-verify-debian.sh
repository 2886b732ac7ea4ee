#!/bin/sh
# A converted Debian server keeps its promise: services, users, endpoints, each
# asked in its own protocol; and it stops cleanly.
. "${0%/*}/functions.sh"
requires_root
requires runc --version
requires jq --version
disk=$(debian_disk)

"$decant" image "$disk" -q -o oci:web >/dev/null 2>&1
start=$(date +%s)
"$decant" verify oci:web --runner runc --json >verify.json ||
  fail "it falls short: $(jq -c .reasons verify.json)"
echo "verified in $(($(date +%s) - start)) s: $(jq -c '[.start_ms, .ready_ms, .stop.ms]' verify.json)"
answer () { jq -r ".endpoints[] | select (.port == $1) | .text" verify.json | sort -u; }
same 'port 80' "$(answer 80)" 'HTTP/1.1 200 OK'
same 'port 6379' "$(answer 6379)" '+PONG'
same 'port 8080' "$(answer 8080)" 'HTTP/1.0 200 OK'
case $(answer 22) in SSH-2.0-OpenSSH*) ;; *) fail "port 22: $(answer 22)" ;; esac
same "redis' user" "$(jq -r '.services[] | select (.unit == "redis-server.service") | .user' verify.json)" redis
same 'the exit status' "$(jq .stop.exit_status verify.json)" 0
[ "$(jq '.services | length' verify.json)" -ge 5 ] || fail "services: $(jq -c .services verify.json)"

# As the schema says.
! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || top_srcdir=$top_srcdir /usr/bin/python3 - <<'END'
import json, os
from jsonschema import Draft202012Validator
schema = json.load(open(os.environ['top_srcdir'] + '/doc/verify.schema.json'))
Draft202012Validator(schema).validate(json.load(open('verify.json')))
END

# For people, in 80 columns, started twice; the container and its record are
# gone.
"$decant" verify oci:web --runner runc --restart >text.txt
grep -q '^oci:web:latest does what it promises$' text.txt || fail "$(cat text.txt)"
awk 'length > 80 { exit 1 }' text.txt || fail "wider than 80: $(cat text.txt)"
left=$(find "$DECANT_STATE_DIR/containers" "$DECANT_STATE_DIR/verify" -mindepth 1)
[ -z "$left" ] || fail "left: $left"
