# MariaDB of Debian 13.
suite=trixie
packages='mariadb-server'
state=kept
guest () {
  sed -i 's/^bind-address.*/bind-address = 0.0.0.0/' /etc/mysql/mariadb.conf.d/50-server.cnf
  install -d -o mysql -g mysql /run/mysqld
  mariadbd-safe --skip-networking >/dev/null 2>&1 &
  until mariadb-admin ping >/dev/null 2>&1; do sleep 0.2; done
  mariadb <<'END'
CREATE DATABASE shop;
CREATE TABLE shop.orders (what text);
INSERT INTO shop.orders VALUES ('from the guest');
CREATE USER shop@'%' IDENTIFIED BY 'secret';
GRANT ALL ON shop.* TO shop@'%';
END
  mariadb-admin shutdown
  wait
}
sql () { inside mariadb -h 127.0.0.1 -P 3306 -u shop -psecret -N -e "$1" shop; }
probe () { sql 'SELECT what FROM orders' | grep -q 'from the guest'; }
write () { sql "INSERT INTO orders VALUES ('from the container')"; }
check () { sql 'SELECT what FROM orders' | grep -q 'from the container'; }
