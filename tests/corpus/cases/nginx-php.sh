# nginx and PHP that meet at a Unix socket.
packages='nginx-light php8.2-fpm'
guest () {
  echo '<?php echo "fpm says ", 6 * 7, "\n";' >/var/www/html/answer.php
  cat >/etc/nginx/sites-available/default <<'END'
server {
  listen 80 default_server;
  root /var/www/html;
  location ~ \.php$ {
    include snippets/fastcgi-php.conf;
    fastcgi_pass unix:/run/php/php8.2-fpm.sock;
  }
}
END
}
probe () { fetch 80 /answer.php | grep -qx 'fpm says 42'; }
