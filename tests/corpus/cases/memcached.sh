# memcached, reachable from outside.
packages='memcached'
guest () { sed -i 's/^-l .*/-l 0.0.0.0/' /etc/memcached.conf; }
probe () { talk 11211 'set k 0 0 5\r\nhello\r\nget k\r\nquit\r\n' | grep -q '^hello'; }
