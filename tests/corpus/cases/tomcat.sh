# Tomcat 10 compiles and serves a page.
packages='tomcat10'
guest () {
  rm -rf /var/lib/tomcat10/webapps/ROOT/*
  echo 'tomcat says <%= 6 * 7 %>' >/var/lib/tomcat10/webapps/ROOT/index.jsp
}
probe () { fetch 8080 /index.jsp | grep -q 'tomcat says 42'; }
