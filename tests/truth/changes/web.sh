# Other places for the servers of "web"; a shell in such a system reads this
# in its root.
rm etc/nginx/sites-enabled/default
cat >etc/nginx/conf.d/changed.conf <<'END'
server { listen 8081; listen 127.0.0.1:8082; listen unix:/run/changed.sock; }
END
cat >etc/postgresql/15/main/conf.d/changed.conf <<'END'
port = 5433
listen_addresses = '127.0.0.1, 10.9.8.7'
unix_socket_directories = '/var/run/postgresql, /tmp'
END
echo 'include /etc/redis/changed.conf' >>etc/redis/redis.conf
printf 'port 6380\nbind 127.0.0.1\nunixsocket /run/redis/changed.sock\n' \
  >etc/redis/changed.conf
chmod 644 etc/redis/changed.conf
sed -i 's/^inet_interfaces.*/inet_interfaces = loopback-only/' etc/postfix/main.cf
echo 'inet_protocols = ipv4' >>etc/postfix/main.cf
echo '2525 inet n - y - - smtpd' >>etc/postfix/master.cf
cat >etc/bind/named.conf.options <<'END'
acl here { 127.0.0.1; 10.9.8.7; };
options {
	directory "/var/cache/bind";
	listen-on port 5300 { here; }; // changed
	listen-on-v6 { none; };
};
END
cat >>etc/bind/named.conf.local <<'END'
include "/etc/bind/rndc.key";
controls { inet 127.0.0.1 port 9953 allow { localhost; } keys { "rndc-key"; }; };
statistics-channels { inet * port 8053 allow { any; }; };
END
printf 'port 1123\nallow\nbindaddress 10.9.8.7\ncmdport 1323\n' \
  >etc/chrony/conf.d/changed.conf
cat >etc/php/8.2/fpm/pool.d/changed.conf <<'END'
[changed]
user = www-data
listen = 127.0.0.1:9001
pm = static
pm.max_children = 1
END
