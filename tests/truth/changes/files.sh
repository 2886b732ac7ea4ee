# Other places for the servers of "files"; a shell in such a system reads this
# in its root.
cat >etc/ssh/sshd_config.d/changed.conf <<'END'
Port 2222
ListenAddress 127.0.0.1
ListenAddress 10.9.8.7:2223
END
sed -i 's/^listen=.*/listen=YES/; s/^listen_ipv6=.*/listen_ipv6=NO/' etc/vsftpd.conf
printf 'listen_port=2121\nlisten_address=10.9.8.7\n' >>etc/vsftpd.conf
sed -i 's/^\[global\]/&\n   include = \/etc\/samba\/changed.conf/' etc/samba/smb.conf
printf '   smb ports = 4455\n' >etc/samba/changed.conf
sed -i 's/^TFTP_ADDRESS=.*/TFTP_ADDRESS="127.0.0.1:6969"/' etc/default/tftpd-hpa
sed -i 's/^Listen localhost:631/Listen 10.9.8.7:6310\nPort 6311/' etc/cups/cupsd.conf
printf 'port = 8730\naddress = 127.0.0.1\n' >etc/rsyncd.conf
ln -s /lib/systemd/system/rsync.service etc/systemd/system/multi-user.target.wants
