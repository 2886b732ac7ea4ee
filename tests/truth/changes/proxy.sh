# Other places for the servers of "proxy"; a shell in such a system reads this
# in its root.
cat >>etc/haproxy/haproxy.cfg <<'END'
frontend changed
	bind *:8404
	bind 127.0.0.1:8405-8406
END
sed -i 's/^server.port .*/server.port = 8088/' etc/lighttpd/lighttpd.conf
echo '$SERVER["socket"] == "127.0.0.1:8089" { }' \
  >etc/lighttpd/conf-enabled/99-changed.conf
echo 'http_port 127.0.0.1:3129' >etc/squid/conf.d/changed.conf
sed -i 's/^listen on localhost/listen on 127.0.0.1 port 2525/' etc/smtpd.conf
cat >etc/knot/knot.conf <<'END'
server:
    listen: [ 127.0.0.1@5303, 10.9.8.7@5304 ]
END
echo '127.0.0.1,2122' >etc/pure-ftpd/conf/Bind
sed -i 's|^SLAPD_SERVICES=.*|SLAPD_SERVICES="ldap://127.0.0.1:3389/ ldapi:///"|' \
  etc/default/slapd
cat >etc/dovecot/conf.d/99-changed.conf <<'END'
listen = 127.0.0.1
service imap-login {
  inet_listener imap {
    port = 1143
  }
  inet_listener imaps {
    port = 0
  }
}
END
