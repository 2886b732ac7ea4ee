# Other places for the servers of "java"; a shell in such a system reads this
# in its root.
printf 'local-address=10.9.8.7\nlocal-port=5309\n' \
  >etc/powerdns/recursor.d/changed.conf
sed -i 's/port="8080"/port="8081"/' etc/tomcat10/server.xml
sed -i 's/^clientPort=.*/clientPort=2182/' etc/zookeeper/conf/zoo.cfg
printf "port = 9998\npcp_port = 9897\n" >>etc/pgpool2/pgpool.conf
printf 'listening-port=3479\nlistening-ip=10.9.8.7\n' >>etc/turnserver.conf
printf 'c2s_ports = { 5223 }\ns2s_ports = { 5270 }\n' \
  >etc/prosody/conf.d/changed.cfg.lua
