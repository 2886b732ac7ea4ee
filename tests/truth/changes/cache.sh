# Other places for the servers of "cache"; a shell in such a system reads this
# in its root.
mkdir -p etc/systemd/system/varnish.service.d
cat >etc/systemd/system/varnish.service.d/changed.conf <<'END'
[Service]
ExecStart=
ExecStart=/usr/sbin/varnishd -j unix,user=vcache -F -a 127.0.0.1:6083 \
  -T localhost:6084 -f /etc/varnish/default.vcl -s malloc,256m
END
printf 'import /etc/caddy/changed\n' >etc/caddy/Caddyfile
printf ':8180 {\n  respond hello\n}\n' >etc/caddy/changed
cat >etc/nsd/nsd.conf.d/changed.conf <<'END'
server:
  ip-address: 127.0.0.1@5306
  ip-address: 10.9.8.7
  port: 5305
END
printf 'set httpd port 2812 and\n  use address localhost\n  allow localhost\n' \
  >etc/monit/conf.d/changed
sed -i 's/^listen_port.*/listen_port = 6433/; s/^listen_addr.*/listen_addr = 10.9.8.7/' \
  etc/pgbouncer/pgbouncer.ini
echo 'SocksPort 127.0.0.1:9055' >>etc/tor/torrc
sed -i 's/"rpc-port": [0-9]*/"rpc-port": 9092/; s/"peer-port": [0-9]*/"peer-port": 51414/' \
  etc/transmission-daemon/settings.json
sed -i 's/^port=.*/port=8201/' etc/minidlna.conf
