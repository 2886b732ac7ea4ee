# Other places for the servers of "queue"; a shell in such a system reads this
# in its root.
printf 'port=5308\nlisten-address=127.0.0.1\nbind-interfaces\n' \
  >etc/dnsmasq.d/changed.conf
printf 'listeners.tcp.default = 5673\n' >etc/rabbitmq/rabbitmq.conf
printf 'listener 1884 10.9.8.7\n' >etc/mosquitto/conf.d/changed.conf
sed -i 's/^port:.*/port: 4223/' etc/nats-server.conf
sed -i 's/^BEANSTALKD_LISTEN_PORT=.*/BEANSTALKD_LISTEN_PORT=11301/' etc/default/beanstalkd
cat >>etc/default/etcd <<'END'
ETCD_LISTEN_CLIENT_URLS="http://10.9.8.7:2378"
ETCD_ADVERTISE_CLIENT_URLS="http://10.9.8.7:2378"
END
echo 'Port: 3143' >etc/apt-cacher-ng/zz_changed.conf
mkdir -p etc/systemd/system/cockpit.socket.d
printf '[Socket]\nListenStream=\nListenStream=127.0.0.1:9095\n' \
  >etc/systemd/system/cockpit.socket.d/changed.conf
echo '7000 stream tcp nowait nobody /bin/false false' >etc/inetd.conf
