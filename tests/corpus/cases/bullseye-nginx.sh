# nginx of Debian 11.
suite=bullseye
packages='nginx-light'
guest () { echo 'hello from bullseye' >/var/www/html/index.html; }
probe () { fetch 80 / | grep -qx 'hello from bullseye'; }
