# Other places for the servers of "access"; a shell in such a system reads this
# in its root.
sed -i '0,/^\tport = 0/s//\tport = 1912/' etc/freeradius/3.0/sites-available/default
sed -i 's/port: 5222/port: 5232/' etc/ejabberd/ejabberd.yml
sed -i 's/port="6667"/port="6668"/' etc/inspircd/inspircd.conf
echo 'DROPBEAR_PORT=2224' >>etc/default/dropbear
