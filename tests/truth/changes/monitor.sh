# Other places for the servers of "monitor"; a shell in such a system reads this
# in its root.
printf 'local-address=127.0.0.1\nlocal-port=5307\n' \
  >etc/powerdns/pdns.d/changed.conf
printf 'ListenPort=10051\nListenIP=127.0.0.1\n' \
  >etc/zabbix/zabbix_agentd.conf.d/changed.conf
sed -i 's/^port .*/port 4950/; s/^host .*/host 127.0.0.1/' etc/munin/munin-node.conf
sed -i '0,/^LINE_RECEIVER_PORT.*/s//LINE_RECEIVER_PORT = 2103/' etc/carbon/carbon.conf
echo 'ARGS="--web.listen-address=127.0.0.1:9091"' >etc/default/prometheus
echo 'ARGS="--web.listen-address=:9101"' >etc/default/prometheus-node-exporter
sed -i 's/^\[http\]/&\n  bind-address = "127.0.0.1:8087"/' etc/influxdb/influxdb.conf
