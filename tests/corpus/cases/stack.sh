# nginx, uWSGI, Redis and PostgreSQL on one machine.
packages='nginx-light uwsgi uwsgi-plugin-python3 redis-server postgresql python3-redis python3-psycopg2'
state=kept
outside () { install -D -m 644 "$files/stack.py" "$root/srv/stack/stack.py"; }
guest () {
  version=$(ls /etc/postgresql)
  pg_ctlcluster "$version" main start
  su postgres -c psql >/dev/null <<'END'
CREATE ROLE "www-data" LOGIN;
CREATE DATABASE stack OWNER "www-data";
\c stack
CREATE TABLE visits (who text);
ALTER TABLE visits OWNER TO "www-data";
END
  pg_ctlcluster "$version" main stop
  cat >/etc/uwsgi/apps-available/stack.ini <<'END'
[uwsgi]
plugins = python3
chdir = /srv/stack
module = stack
processes = 2
END
  ln -s ../apps-available/stack.ini /etc/uwsgi/apps-enabled/
  cat >/etc/nginx/sites-available/default <<'END'
server {
  listen 80 default_server;
  location / { include uwsgi_params; uwsgi_pass unix:/run/uwsgi/app/stack/socket; }
}
END
}
probe () { fetch 80 /count | grep -Eq '^redis [0-9]+ postgresql [0-9]+$'; }
write () { fetch 80 /visit/corpus | grep -q ok; }
check () { fetch 80 /seen/corpus | grep -qx yes; }
