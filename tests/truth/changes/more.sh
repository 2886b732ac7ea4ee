# Other places for the servers of "more"; a shell in such a system reads this
# in its root.
sed -i 's/^port=.*/port=64739/' etc/mumble-server.ini
sed -i 's/^Port .*/Port 8889\nListen 127.0.0.1/' etc/tinyproxy/tinyproxy.conf
sed -i 's/^listen-address .*127.*/listen-address  127.0.0.1:8119/' etc/privoxy/config
echo 'server_port=5667' >etc/nagios/nrpe_local.cfg
sed -i 's/^port=3389/port=3390/' etc/xrdp/xrdp.ini
sed -i 's/--inet=10023/--inet=127.0.0.1:10024/' etc/default/postgrey
