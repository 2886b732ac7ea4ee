#!/bin/sh
# Data and secrets of a guest: in no layer, beside the image, there when it
# runs; what is written stays when the container goes.
. "${0%/*}/functions.sh"
requires_root
requires runc --version
requires jq --version
requires zstd --version
busybox=$(command -v busybox) || skip 'busybox is not installed'

# A guest whose one service needs a password to count its starts.
mkdir -p g/bin g/etc/systemd/system/multi-user.target.wants g/usr/lib \
  g/var/lib/counter g/srv/app g/etc/ssl/private g/root
cp "$busybox" g/bin/busybox
for library in $(ldd "$busybox" 2>/dev/null | grep -o '/[^ ]*'); do
  mkdir -p "g$(dirname "$library")"
  cp "$library" "g$library"
done
for tool in sh cat sleep echo id tar find; do ln -s busybox g/bin/$tool; done
printf 'ID=debian\nVERSION_ID=12\n' >g/etc/os-release
printf 'root:x:0:0::/root:/bin/sh\ncounter:x:991:992::/:/bin/sh\n' >g/etc/passwd
printf 'root:x:0:\ncounter:x:992:\n' >g/etc/group
hash='$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7'
printf 'root:%s:19000::::::\ncounter:!:19000::::::\n' "$hash" >g/etc/shadow
secret=Xk93-correct-horse-battery
printf 'COLOUR=green\nDB_PASSWORD=%s\n' "$secret" >g/srv/app/.env
openssl genrsa 2048 2>/dev/null >g/etc/ssl/private/web.key ||
  skip 'openssl is not installed'
chmod 640 g/srv/app/.env g/etc/ssl/private/web.key
chown 991:992 g/srv/app/.env g/var/lib/counter
chmod 750 g/var/lib/counter
printf 41 >g/var/lib/counter/number
chown 991:992 g/var/lib/counter/number
truncate -s 20M g/var/lib/counter/hole
# A database that was not stopped leaves this, and would not start with it.
mkdir -p g/var/lib/postgresql/15/main
echo 1 >g/var/lib/postgresql/15/main/postmaster.pid
cat >g/srv/app/count <<'COUNT'
#!/bin/sh
. /srv/app/.env || exit 1
read -r n </var/lib/counter/number
echo $((n + 1)) >/var/lib/counter/number
echo "counted $((n + 1)) with $DB_PASSWORD as $(id -u)"
exec sleep 1000
COUNT
chmod 755 g/srv/app/count
unit=g/etc/systemd/system/counter.service
printf '[Service]\nUser=counter\nStateDirectory=counter\nExecStart=/srv/app/count\n' >$unit
printf '[Unit]\nDescription=x\n' >g/etc/systemd/system/multi-user.target
ln -s /etc/systemd/system/multi-user.target g/etc/systemd/system/default.target
ln -s ../counter.service g/etc/systemd/system/multi-user.target.wants/

"$decant" image dir:g -q -o oci:web >image.txt
grep -q 'web.artifacts' image.txt || fail "the artifacts are not named: $(cat image.txt)"
same 'names' 'README compose.yaml decant.json secrets volumes' "$(echo $(ls web.artifacts))"
same 'secrets' 'etc-shadow etc-ssl-private-web.key srv-app-.env' \
  "$(echo $(ls web.artifacts/secrets))"
same 'modes' '600 600 600' "$(echo $(stat -c %a web.artifacts/secrets/*))"
same 'the volume of the config' '{"/var/lib/counter":{}}' \
  "$(for f in web/blobs/sha256/*; do jq -c '.config.Volumes // empty' "$f" 2>/dev/null || :; done)"
size=$(stat -c %s web.artifacts/volumes/var-lib-counter.tar)
test "$size" -lt 20000 || fail "the hole takes $size bytes"

"$decant" image dir:g -q -o oci:explained --explain >explained.txt
grep -q '^left out.*postmaster.pid.*no longer runs' explained.txt ||
  fail 'the lock of a dead PostgreSQL is kept'
rm -rf explained explained.artifacts

# Other tools find none of it in any layer.
line=$(sed -n 5p g/etc/ssl/private/web.key)
for blob in web/blobs/sha256/*; do
  zstd -dqc "$blob" 2>/dev/null >layer || cp "$blob" layer
  for text in "$secret" "$line" "$hash" 'counter/hole'; do
    ! grep -aqF -- "$text" layer || fail "'$text' is in $blob"
  done
done

cleanup '"$decant" stop --volumes decant-test-state'
log=$DECANT_STATE_DIR/containers/decant-test-state/console.log
# start OPTION...: and wait for the service's word.
start () {
  "$decant" run oci:web --runner runc --network none --name decant-test-state \
    "$@" >run.txt 2>run.err || fail "it does not run: $(cat run.err)"
  for i in $(seq 1 100); do
    grep -q counted "$log" && return
    sleep 0.1
  done
  fail "it says nothing: $(cat "$log")"
}
stop () { "$decant" stop decant-test-state >/dev/null; }
says () {
  grep -qF "counted $1 with $secret as 991" "$log" || fail "not $1: $(cat "$log")"
}
inside () {
  runc --root "$DECANT_STATE_DIR/containers/decant-test-state/runtime" \
    exec decant-test-state "$@"
}
start
says 42
same 'owner and mode of a secret' '991:992 640' \
  "$(inside busybox stat -c '%u:%g %a' /srv/app/.env)"
inside sh -c 'echo x >>/srv/app/.env' 2>/dev/null && fail 'a secret can be written'
inside cat /etc/shadow | grep -qF "$hash" || fail 'root has lost its password'
stop
start
says 43
stop

# The volume is filled once: other artifacts change nothing in it.
printf 7 >g/var/lib/counter/number
"$decant" image dir:g -q -o oci:web --artifacts mine >/dev/null
start --artifacts mine
says 44
grep -q 'keeping what is in it' run.err || fail "no word of that: $(cat run.err)"
stop
"$decant" stop --volumes decant-test-state >/dev/null
refuses 1 'has started no container' "$decant" stop --volumes decant-test-state
start --artifacts mine
says 8
stop

# What a killed run was filling is made anew.
record=$DECANT_STATE_DIR/volumes/decant-test-state/var-lib-counter.json
sed -i 's/ready/filling/' "$record"
rm "$DECANT_STATE_DIR/volumes/decant-test-state/var-lib-counter.data/number"
start --artifacts mine
says 8
stop
"$decant" stop --volumes decant-test-state >/dev/null

# An archive that is not what decant.json says, artifacts of another image, and
# a folder that is none.
printf X | dd of=mine/volumes/var-lib-counter.tar bs=1 seek=600 conv=notrunc status=none
refuses 1 'digest' "$decant" run oci:web --runner runc --network none \
  --name decant-test-state --artifacts mine
printf x >g/root/more
"$decant" image dir:g -q -o oci:web >/dev/null
refuses 1 'not of this image' "$decant" run oci:web --runner runc \
  --network none --name decant-test-state --artifacts mine
mkdir other && touch other/precious
refuses 1 'holds no artifacts' "$decant" image dir:g -q -o oci:new --artifacts other
[ ! -e new ] || fail 'a failed run made an image'

# Everything in the image, because somebody said so.
"$decant" image dir:g -q -o oci:full --data image --secrets image >/dev/null
[ ! -e full.artifacts ] || fail 'there are artifacts of nothing'
found=0
for blob in full/blobs/sha256/*; do
  zstd -dqc "$blob" 2>/dev/null >layer || continue
  ! grep -aqF -- "$secret" layer || found=$((found + 1))
done
same 'layers with the secret' 1 $found

# A secret in a place that nobody knows of fails the run: a known one, a part
# of one among other things, and a key that no rule finds.  A program that only
# knows how keys look does not.
# hides WORDS: what g/opt/notes holds is found.
hides () {
  refuses 1 "$1" "$decant" image dir:g -q -o oci:hidden
  [ ! -e hidden ] || fail 'a failed run left an image'
}
mkdir g/opt
{ head -c 2000000 /dev/zero; printf 'user=x %s' "$secret"; } >g/opt/notes
hides "'/opt/notes' holds the password of '/srv/app/.env'"
{ echo cert; cat g/etc/ssl/private/web.key; } >g/opt/notes
hides "'/opt/notes' holds the TLS private key of '/etc/ssl/private/web.key'"
openssl genrsa 1024 2>/dev/null >g/opt/notes
hides "'/opt/notes' holds a private key"
rm g/opt/notes
printf 'password = %s\n' "$secret" >g/etc/app.conf
hides "'/etc/app.conf' holds the password of '/srv/app/.env'"
"$decant" image dir:g -q -o oci:hidden --secrets image >/dev/null
# In what everybody can download it is no secret.
mkdir -p g/var/lib/dpkg/info
mv g/etc/app.conf g/var/lib/dpkg/info/app.postinst
printf 'x\0-----BEGIN RSA PRIVATE KEY-----\0-----END RSA' >g/opt/notes
"$decant" image dir:g -q -o oci:hidden >/dev/null

# A password in a unit comes with the unit into decant-init's plan: both are
# exported, and the service has it.
rm -rf g/var/lib/dpkg g/opt other mine
word=hunter2hunter2
printf '[Service]\nEnvironment=DB_PASSWORD=%s "PIN_PASS=a%%%%b c"\nExecStart=/bin/sh -c "echo counted $DB_PASSWORD $PIN_PASS; exec sleep 1000"\n' \
  $word >$unit
"$decant" image dir:g -q -o oci:unit >/dev/null
same 'secrets with a unit' 'decant-init.plan-latest etc-shadow etc-ssl-private-web.key etc-systemd-system-counter.service srv-app-.env' \
  "$(echo $(ls unit.artifacts/secrets))"
same 'mode of the plan' 600 "$(stat -c %a unit.artifacts/secrets/decant-init.plan-latest)"
for blob in unit/blobs/sha256/*; do
  zstd -dqc "$blob" 2>/dev/null >layer || cp "$blob" layer
  ! grep -aqE "$word|a%25b" layer || fail "the password of a unit is in $blob"
done
"$decant" run oci:unit --runner runc --network none --name decant-test-state \
  >run.txt 2>run.err || fail "it does not run: $(cat run.err)"
for i in $(seq 1 100); do
  grep -q counted "$log" && break
  sleep 0.1
done
grep -qF "counted $word a%b c" "$log" || fail "it lacks its password: $(cat "$log")"
same 'the plan is for root alone' '0:0 600' \
  "$(inside busybox stat -c '%u:%g %a' /.decant/init.plan)"
stop
refuses 1 'cannot be dropped' "$decant" image dir:g -q -o oci:dropped --secrets drop
refuses 1 'a secret is in its environment' \
  "$decant" plan dir:g -q --init service -o p.yaml
"$decant" image dir:g -q -o oci:stays --secrets image --data image >/dev/null
[ ! -e stays.artifacts ] || fail 'secrets that stay are exported'
