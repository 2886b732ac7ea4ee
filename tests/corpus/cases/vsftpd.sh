# An anonymous FTP server gives out a file.
packages='vsftpd'
guest () {
  sed -i 's/^anonymous_enable=.*/anonymous_enable=YES/' /etc/vsftpd.conf
  echo 'hello from ftp' >/srv/ftp/hello.txt
}
probe () { near curl -s -m 10 ftp://127.0.0.1/hello.txt | grep -qx 'hello from ftp'; }
