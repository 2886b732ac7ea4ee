# BIND with a zone, asked over UDP and TCP.
packages='bind9'
guest () {
  cat >>/etc/bind/named.conf.local <<'END'
zone "corpus.test" { type primary; file "/etc/bind/db.corpus.test"; };
END
  cat >/etc/bind/db.corpus.test <<'END'
$TTL 60
@ IN SOA ns hostmaster 1 60 60 60 60
@ IN NS ns
ns IN A 192.0.2.53
www IN A 192.0.2.80
END
}
probe () { resolve www.corpus.test 192.0.2.80; }
