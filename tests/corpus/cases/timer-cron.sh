# A timer and jobs of cron, whose traces a web server shows.
packages='nginx-light cron'
guest () {
  install -d -o www-data /var/www/html
  cat >/etc/systemd/system/tick.service <<'END'
[Service]
Type=oneshot
User=www-data
ExecStart=/bin/sh -c 'echo "the timer was here" >/var/www/html/timer'
END
  cat >/etc/systemd/system/tick.timer <<'END'
[Timer]
OnBootSec=1s
OnUnitActiveSec=2s
AccuracySec=100ms
[Install]
WantedBy=timers.target
END
  systemctl enable -q tick.timer
  cat >/etc/cron.d/corpus <<'END'
WHO=somebody
* * * * * www-data echo "cron was here for $WHO" >/var/www/html/cron
@reboot www-data echo "cron was here first" >/var/www/html/reboot
END
}
patience=75
probe () {
  fetch 80 /timer | grep -qx 'the timer was here' &&
    fetch 80 /reboot | grep -qx 'cron was here first' &&
    fetch 80 /cron | grep -qx 'cron was here for somebody'
}
