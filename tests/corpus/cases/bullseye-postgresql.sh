# PostgreSQL of Debian 11.
suite=bullseye
packages='postgresql'
state=kept
guest () {
  version=$(ls /etc/postgresql)
  echo "listen_addresses = '*'" >>"/etc/postgresql/$version/main/conf.d/listen.conf"
  echo 'host all all 0.0.0.0/0 scram-sha-256' >>"/etc/postgresql/$version/main/pg_hba.conf"
  pg_ctlcluster "$version" main start
  su postgres -c psql >/dev/null <<'END'
CREATE ROLE shop LOGIN PASSWORD 'secret';
CREATE DATABASE shop OWNER shop;
\c shop
CREATE TABLE orders (what text);
ALTER TABLE orders OWNER TO shop;
INSERT INTO orders VALUES ('from the guest');
END
  pg_ctlcluster "$version" main stop
}
sql () { inside env PGPASSWORD=secret psql -h 127.0.0.1 -U shop -tA -c "$1" shop; }
probe () {
  talk 5432 '\000\000\000\010\004\322\026\057' 1 | grep -q '[NS]' &&
    sql 'SELECT what FROM orders' | grep -q 'from the guest'
}
write () { sql "INSERT INTO orders VALUES ('from the container')" >/dev/null; }
check () { sql 'SELECT what FROM orders' | grep -q 'from the container'; }
