/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define MAIN "srv/base/conf/server.xml"
#define START                                                                  \
  "Environment=CATALINA_BASE=/srv/base JAVA_OPTS=-Dp.q=8181\n"                 \
  "ExecStart=/bin/sh /usr/libexec/tomcat10/tomcat-start.sh"
#define ON(where, how, line) "s.service " where " " how " /" MAIN ":" line "\n"
#define TCP(address, line) ON ("tcp " address, "declared", line)
#define UNKNOWN(line, text)                                                    \
  "endpoint.unknown /" MAIN ":" line " s.service: " text "\n"
#define SERVER(text)                                                           \
  "<Server port='-1'>\n<Service>\n" text "</Service></Server>"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  { START, "<Server port='8005' shutdown='X'/>", TCP ("127.0.0.1 8005", "1") },
  { START, "<Server/>", ON ("tcp 127.0.0.1 8005", "inferred", "1") },
  { START, "<Server port='8006' address='10.0.0.1'/>",
    TCP ("10.0.0.1 8006", "1") },
  { START,
    SERVER ("<Connector port='8080' protocol='HTTP/1.1'/>\n"
            "<!-- <Connector port='1'/> -->\n"
            "<Connector port='8443' address='::1'/>"),
    TCP ("* 8080", "3") TCP ("::1 8443", "5") },
  { START, SERVER ("<Connector port='80' address='0.0.0.0'/>"),
    TCP ("* 80", "3") },
  { START,
    SERVER ("<Connector protocol='AJP/1.3' port='8009'/>\n<Connector "
            "protocol='org.apache.coyote.ajp.AjpNioProtocol' port='8010' "
            "address='10.0.0.1'/>"),
    ON ("tcp 127.0.0.1 8009", "inferred", "3") TCP ("10.0.0.1 8010", "4") },
  { START, SERVER ("<Connector port='-1' unixDomainSocketPath='/run/t'/>"),
    ON ("unix /run/t", "declared", "3") },
  { START,
    "<Server port='8005' portOffset='100'><Connector port='8080'/></Server>",
    TCP ("127.0.0.1 8105", "1") TCP ("* 8180", "1") },
  { START,
    SERVER ("<Connector port='${p.q}'/>\n<Connector port='${none:-82}'/>\n"
            "<Connector port='${from.file}'/>\n<Connector port='${none}'/>"),
    TCP ("* 82", "4") TCP ("* 8181", "3") TCP ("* 8282", "5")
        UNKNOWN ("6", "'${none}' is no port") },
  { START, SERVER ("<Engine><Cluster className='x'/></Engine>"),
    UNKNOWN ("3", "it has a cluster, whose ports are found when it starts") },
  { START,
    SERVER ("<Resource url='jdbc:postgresql://db:5433/x' password='y'/>\n"
            "<Resource url='jdbc:mysql://${none}/x'/><Resource url='x'/>"),
    "s.service -> tcp db 5433 declared /" MAIN ":3\n" },
  { START, "<Server>\n<Connector></Server>",
    UNKNOWN ("0", "line 2: mismatched tag") },
  { START, "<!DOCTYPE a [<!ENTITY b SYSTEM 'b.xml'>]><Server>&b;</Server>",
    UNKNOWN ("0", "line 1: entities are not read") },
  { "ExecStart=/srv/base/bin/catalina.sh run", "<Server port='8005'/>",
    TCP ("127.0.0.1 8005", "1") },
  { "ExecStart=/usr/bin/java -Dcatalina.base=/srv/base -Dx=83 "
    "org.apache.catalina.startup.Bootstrap start",
    SERVER ("<Connector port='${x}'/>"), TCP ("* 83", "3") },
  { "ExecStart=/opt/none/bin/catalina.sh run", "",
    "endpoint.unknown /usr/lib/systemd/system/s.service:2 s.service: cannot "
    "use '/opt/none/conf/server.xml': it is not there\n" },
};

static const struct dc_memory_file files[] = {
  DIR ("srv"),
  DIR ("srv/base"),
  DIR ("srv/base/bin"),
  DIR ("srv/base/conf"),
  FILE ("srv/base/conf/catalina.properties",
        "# from.file=1\nlist=a,\\\nfrom.file=2\nfrom.file = 8282\n"),
};

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, MAIN, cases[_i].conf,
                                     files, DC_COUNT (files) };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

/* As Debian has it: options in /etc/default, applications beside. */
static const struct dc_memory_file debian[] = {
  DIR ("srv"),
  DIR ("srv/base"),
  LINK ("srv/base/conf", "../../etc/tomcat10"),
  DIR ("srv/base/bin"),
  FILE ("srv/base/bin/setenv.sh", "CATALINA_OPTS=\"$CATALINA_OPTS -Dc=85\"\n"),
  DIR ("etc/default"),
  FILE ("etc/default/tomcat10", "JAVA_OPTS=\"-Djava.awt.headless=true\"\n"
                                "JAVA_OPTS=\"${JAVA_OPTS} -Dhttp.port=84\"\n"),
  DIR ("etc/tomcat10"),
  DIR ("etc/tomcat10/Catalina"),
  DIR ("etc/tomcat10/Catalina/localhost"),
  FILE ("etc/tomcat10/Catalina/localhost/app.xml",
        "<Context>\n<Resource url='jdbc:mysql://db/x'/></Context>\n"),
  FILE ("etc/tomcat10/server.xml",
        "<Server port='-1'><Connector port='${http.port}'/>\n"
        "<Connector port='${c}'/></Server>"),
};

START_TEST (test_debian)
{
  const struct small_guest guest = { START, NULL, NULL, debian,
                                     DC_COUNT (debian) };

  check_guest (
      &guest,
      TCP ("* 84", "1")
          TCP ("* 85", "2") "s.service -> tcp db 3306 declared "
                            "/srv/base/conf/Catalina/localhost/app.xml:2\n");
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = { START, NULL, NULL, debian,
                                     DC_COUNT (debian) };

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_debian);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_tomcat", add);
}
