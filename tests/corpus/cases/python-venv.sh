# A Python application in a virtual environment under /opt.
packages='python3-venv'
guest () {
  useradd -r -d /opt/shop shop
  python3 -m venv --without-pip /opt/shop/venv
  mkdir -p /opt/shop/venv/lib/python3.11/site-packages/greeting
  echo 'TEXT = "hello from a venv"' >/opt/shop/venv/lib/python3.11/site-packages/greeting/__init__.py
  cat >/opt/shop/app.py <<'END'
import http.server, os, greeting

class Handler (http.server.BaseHTTPRequestHandler):
    def do_GET (self):
        self.send_response (200)
        self.end_headers ()
        self.wfile.write (greeting.TEXT.encode () + b"\n")

http.server.HTTPServer (("", int (os.environ["PORT"])), Handler).serve_forever ()
END
  echo 'PORT=8000' >/etc/default/shop
  cat >/etc/systemd/system/shop.service <<'END'
[Unit]
Description=a shop
After=network-online.target
Wants=network-online.target
[Service]
User=shop
WorkingDirectory=/opt/shop
EnvironmentFile=-/etc/default/shop
ExecStart=/opt/shop/venv/bin/python app.py
Restart=always
[Install]
WantedBy=multi-user.target
END
  systemctl enable -q shop
}
probe () { fetch 8000 / | grep -qx 'hello from a venv'; }
