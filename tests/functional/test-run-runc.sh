#!/bin/sh
# Without podman: runc alone unpacks the layers, makes the container and carries
# its ports through slirp4netns; nothing is left when it stops.
. "${0%/*}/functions.sh"
requires_root
requires runc --version
requires slirp4netns --version
requires jq --version
requires curl --version
disk=$(debian_disk)

"$decant" image "$disk" -q -o oci:web
cleanup '"$decant" stop decant-test-runc'
"$decant" run oci:web --runner runc --name decant-test-runc \
  --network slirp4netns -p 127.0.0.1:0:80 --json >run.json 2>stderr.txt &&
  fail 'port 0 was accepted'
grep -q "port" stderr.txt || fail "no sentence about the port: $(cat stderr.txt)"
"$decant" run oci:web --runner runc --name decant-test-runc \
  --network slirp4netns --wait --json >run.json
port () { jq -r ".ports[] | select (.port == $1) | .host_port" run.json; }
curl -s -m 10 "http://127.0.0.1:$(port 80)/" | grep -q 'Hello from a converted' ||
  fail "nginx does not answer: $(cat "$DECANT_STATE_DIR"/containers/*/console.log)"
curl -s -m 10 "http://127.0.0.1:$(port 80)/visits" >visit.txt
grep -q '^visit 1, served by visits$' visit.txt ||
  fail "the application says: $(cat visit.txt)"
grep -q 'redis-server' "$DECANT_STATE_DIR/containers/decant-test-runc/console.log" ||
  fail 'the log has no line of redis'
"$decant" stop decant-test-runc
[ ! -e "$DECANT_STATE_DIR/containers/decant-test-runc" ] || fail 'its folder is still there'
! pgrep -f "$DECANT_STATE_DIR" >/dev/null || fail "left running: $(pgrep -af "$DECANT_STATE_DIR")"

# A blob that is not what its digest says is refused, and nothing is left.
layer=$(ls -S web/blobs/sha256 | head -n 1)
printf X | dd of="web/blobs/sha256/$layer" bs=1 seek=5000 conv=notrunc status=none
! "$decant" run oci:web --runner runc --name broken --network none 2>said.txt ||
  fail 'a damaged layer was started'
tail -n 1 said.txt | grep -q "cannot start 'broken'" || fail "it said: $(cat said.txt)"
[ -z "$(ls "$DECANT_STATE_DIR/containers")" ] || fail 'a failed start left a folder'
