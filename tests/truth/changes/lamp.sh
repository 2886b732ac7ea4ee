# Other places for the servers of "lamp"; a shell in such a system reads this
# in its root.
sed -i 's/^Listen 80$/Listen 8085/' etc/apache2/ports.conf
echo 'Listen 127.0.0.1:8083' >etc/apache2/conf-enabled/changed.conf
cat >etc/mysql/mariadb.conf.d/99-changed.cnf <<'END'
[mariadb-10.11]
port = 3307
extra_port = "3308" # for administrators
[mysqld]
bind-address = 0.0.0.0
socket = /run/mysqld/changed.sock
[mariadb-10.6]
port = 3309
END
sed -i 's/^-p .*/-p 11311/; s/^-l .*/-l 10.9.8.7/' etc/memcached.conf
sed -i "s/^dc_local_interfaces=.*/dc_local_interfaces='127.0.0.1.2525'/" \
  etc/exim4/update-exim4.conf.conf
cat >etc/unbound/unbound.conf.d/changed.conf <<'END'
server:
  interface: 127.0.0.1@5301
  interface: 10.9.8.7
  port: 5302
END
echo 'Port 2121' >etc/proftpd/conf.d/changed.conf
sed -i 's/^agentaddress.*/agentaddress udp:127.0.0.1:1161/' etc/snmp/snmpd.conf
