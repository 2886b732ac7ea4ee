# nginx and a page.
packages='nginx-light'
guest () { echo 'hello from nginx' >/var/www/html/index.html; }
probe () { fetch 80 / | grep -qx 'hello from nginx'; }
