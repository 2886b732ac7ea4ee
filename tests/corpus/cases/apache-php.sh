# Apache, and PHP through FPM.
packages='apache2 php8.2-fpm'
guest () {
  a2enmod -q proxy_fcgi setenvif
  a2enconf -q php8.2-fpm
  echo '<?php echo "php says ", 6 * 7, "\n";' >/var/www/html/answer.php
}
probe () { fetch 80 /answer.php | grep -qx 'php says 42'; }
