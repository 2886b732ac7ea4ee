# nginx of Debian 13.
suite=trixie
packages='nginx-light'
guest () { echo 'hello from trixie' >/var/www/html/index.html; }
probe () { fetch 80 / | grep -qx 'hello from trixie'; }
