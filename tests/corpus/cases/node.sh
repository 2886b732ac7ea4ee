# A Node.js application under /srv.
packages='nodejs'
guest () {
  mkdir -p /srv/app
  cat >/srv/app/server.js <<'END'
const http = require ('http');
http.createServer ((request, response) => response.end ('hello from node\n'))
    .listen (process.env.PORT || 3000);
END
  cat >/etc/systemd/system/app.service <<'END'
[Service]
User=www-data
WorkingDirectory=/srv/app
Environment=NODE_ENV=production PORT=3000
ExecStart=/usr/bin/node server.js
Restart=on-failure
[Install]
WantedBy=multi-user.target
END
  systemctl enable -q app
}
probe () { fetch 3000 / | grep -qx 'hello from node'; }
