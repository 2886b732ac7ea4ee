#!/bin/sh
# The machine's own addresses in its configuration are found, with the line and
# what to write there; its hosts entries, name and time zone are in the plan.
. "${0%/*}/functions.sh"
requires_root

mkdir -p guest/usr/bin guest/etc/network guest/etc/nginx guest/srv/app \
  guest/usr/share/zoneinfo/Europe guest/opt/app
cp /bin/true guest/usr/bin/sh # tells the architecture
printf 'ID=debian\nVERSION_ID="12"\n' >guest/etc/os-release
printf 'root:x:0:0::/root:/bin/sh\n' >guest/etc/passwd
echo web-1 >guest/etc/hostname
echo Europe/Berlin >guest/etc/timezone
cat >guest/etc/hosts <<'END'
127.0.0.1 localhost
127.0.1.1 web-1.example.org web-1
10.1.2.3 web-1.example.org web-1 front
10.9.9.9 db db.example.org
2001:db8::5 cache
END
cat >guest/etc/network/interfaces <<'END'
auto eth0
iface eth0 inet static
  address 10.1.2.3/24
iface eth0 inet6 static
  address 2001:db8::3/64
END
cat >guest/etc/nginx/nginx.conf <<'END'
server {
  listen 10.1.2.3:80;
  listen [2001:db8::3]:80;
  # listen 10.1.2.3:81;
  listen 110.1.2.3:82; listen 10.1.2.34:83; listen 10.1.2.3.4:84;
  proxy_pass http://10.1.2.3:8080;
  server_name web-1.example.org;
}
END
printf '{"self": "http://10.1.2.3/"}' >guest/srv/app/conf.json
printf '\0\01\02listen 10.1.2.3\n' >guest/opt/app/binary

"$decant" image dir:guest -o oci:web --json >result.json 2>messages.txt ||
  fail "no image: $(cat messages.txt)"
tr '"' '\n' <result.json | grep '^/[a-z/.]*:[0-9]*: ' >found.txt || :
[ -s found.txt ] || sed -n 's/^decant: warning: //p' messages.txt >found.txt
cat >expected.txt <<'END'
/etc/nginx/nginx.conf:2: listens on 10.1.2.3, an address of the virtual machine, which the container does not have: write 0.0.0.0 there before the conversion
/etc/nginx/nginx.conf:3: listens on 2001:db8::3, an address of the virtual machine, which the container does not have: write :: there before the conversion
/etc/nginx/nginx.conf:6: names 10.1.2.3, an address of the virtual machine
/etc/nginx/nginx.conf:7: names web-1.example.org, the name of the virtual machine
/srv/app/conf.json:1: names 10.1.2.3, an address of the virtual machine
END
diff -u expected.txt found.txt || fail 'other addresses are found'

"$decant" plan dir:guest -o plan.yaml 2>messages.txt ||
  fail "no plan: $(cat messages.txt)"
sed -n '/^identity:/,/^[a-z]*:/p' plan.yaml | grep -v '^ *#' >identity.txt
for line in 'hostname: web-1' 'timezone: Europe/Berlin' '10.1.2.3 front' \
  '10.9.9.9 db db.example.org' '2001:db8::5 cache'; do
  grep -qF "$line" identity.txt || fail "no '$line': $(cat identity.txt)"
done
! grep -q 'localhost\|web-1.example' identity.txt ||
  fail "its own names: $(cat identity.txt)"
