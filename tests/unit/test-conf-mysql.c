/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define MAIN "etc/mysql/my.cnf"
#define START "ExecStart=/usr/sbin/mariadbd"
#define MYSQL "ExecStart=/usr/sbin/mysqld"
#define SYSTEMD "/usr/lib/systemd/system/s.service:2"
#define TCP(address, confidence, place)                                        \
  "s.service tcp " address " " confidence " " place "\n"
#define SOCKET(path, confidence, place)                                        \
  "s.service unix " path " " confidence " " place "\n"
#define NOTE(place, text) "endpoint.unknown " place " s.service: " text "\n"
#define OWN_SOCKET SOCKET ("/run/mysqld/mysqld.sock", "inferred", SYSTEMD)
#define QUIET "[mysqld]\nskip-networking\nsocket=''\n"
#define ONLY "[mysqld]\nsocket=''\n"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  { START, "", TCP ("* 3306", "inferred", SYSTEMD) OWN_SOCKET },
  { MYSQL, "", TCP ("* 3306", "inferred", SYSTEMD) OWN_SOCKET },
  /* As Debian has it. */
  { START,
    "[server]\n\n[mysqld]\nbind-address = 127.0.0.1\n#port = 1\n"
    "socket = /run/x.sock\n",
    TCP ("127.0.0.1 3306", "inferred", SYSTEMD)
        SOCKET ("/run/x.sock", "declared", "/" MAIN ":6") },
  /* Quotes, comments, signs, prefixes; the last one wins. */
  { START,
    ONLY "port = 1\nloose_port=\"3307\" # 2\n bind_address='10.0.0.1, ::1'\n"
         ";port=5\n[client]\nport=6\n",
    TCP ("10.0.0.1 3307", "declared", "/" MAIN ":4")
        TCP ("::1 3307", "declared", "/" MAIN ":4") },
  { START, ONLY "port=0\nbind-address=::\nextra_port=3308\n",
    TCP ("* 3306", "declared", "/" MAIN ":3")
        TCP ("* 3308", "declared", "/" MAIN ":5") },
  { START, QUIET, "" },
  { START, QUIET "skip_networking=OFF\n", TCP ("* 3306", "inferred", SYSTEMD) },
  { START, QUIET "socket = m\\sy.sock\ndatadir=/srv/db\n",
    SOCKET ("/srv/db/m y.sock", "declared", "/" MAIN ":4") },
  /* Groups. */
  { START,
    ONLY "[mariadb]\nport=10\n[mariadbd-11.4]\nport=12\n[mysqldx]\nport=13\n",
    TCP ("* 10", "declared", "/" MAIN ":4") },
  { MYSQL, ONLY "[mariadb]\nport=10\n[client-server]\nport=12\n",
    TCP ("* 3306", "inferred", SYSTEMD) },
  { START " --defaults-group-suffix=.two",
    ONLY "port=1\n[mysqld.two]\nport=2\n[mysqld.three]\nport=3\n",
    TCP ("* 2", "declared", "/" MAIN ":5") },
  /* The command line. */
  { START " --port 4000 --bind-address=10.0.0.2 --socket=", ONLY "port=1\n",
    TCP ("10.0.0.2 4000", "declared", SYSTEMD) },
  { START " $OPTS\nEnvironment=\"OPTS=-P4001 --skip-networking=0\"", ONLY,
    TCP ("* 4001", "declared", SYSTEMD) },
  { START " --no-defaults --socket=/s", ONLY "port=1\n",
    TCP ("* 3306", "inferred", SYSTEMD) SOCKET ("/s", "declared", SYSTEMD) },
  { START " --skip-networking", ONLY, "" },
  /* The X plugin and the port for administrators. */
  { MYSQL,
    ONLY "mysqlx-port=33070\nmysqlx_bind_address=::1\nmysqlx_socket=\n"
         "admin_address=127.0.0.1/ns\n",
    TCP ("* 3306", "inferred", SYSTEMD)
        TCP ("127.0.0.1 33062", "inferred", SYSTEMD)
            TCP ("::1 33070", "declared", "/" MAIN ":3") },
  { MYSQL, ONLY "mysqlx-port=33070\nskip-mysqlx\n",
    TCP ("* 3306", "inferred", SYSTEMD) },
  { START, ONLY "mysqlx-port=33070\n", TCP ("* 3306", "inferred", SYSTEMD) },
  /* Galera. */
  { START,
    QUIET
    "[galera]\nwsrep_on=ON\nwsrep_provider=/usr/lib/galera.so\n"
    "wsrep_cluster_address=\"gcomm://n1,10.0.0.2:5000,?pc.wait_prim=no\"\n",
    TCP ("0.0.0.0 4567", "inferred",
         "/" MAIN ":6") "s.service -> tcp 10.0.0.2 5000 declared /" MAIN ":7\n"
                        "s.service -> tcp n1 4567 declared /" MAIN ":7\n" },
  { START,
    QUIET "wsrep-on=1\nwsrep_provider=x\nwsrep_provider_options="
          "\"gcache.size=1; gmcast.listen_addr = tcp://[::]:4570;\"\n",
    TCP (":: 4570", "declared", "/" MAIN ":6") },
  { START, QUIET "wsrep_provider=x\n", "" },
  { MYSQL, QUIET "wsrep_provider=none\n", "" },
  /* What the server refuses. */
  { START, ONLY "port=x\nbind-address=1.2.3.4\n",
    NOTE ("/" MAIN ":3", "'x' is no port") },
  { START, QUIET "[mysqld\nx\n!include\n!unknown x\n",
    NOTE ("/" MAIN ":4", "a group's name without its end")
        NOTE ("/" MAIN ":6", "nothing to include") },
  { START " --defaults-file=/etc/none", "",
    NOTE (SYSTEMD, "cannot use '/etc/none': it is not there") },
};

static const struct dc_memory_file included[] = {
  DIR ("etc/mysql"),
  DIR ("etc/mysql/d"),
  FILE ("etc/mysql/d/a.cnf", "port=1\n[mysqld]\nport=2\nsocket=''\n"),
  FILE ("etc/mysql/d/b.cnf", "port=3\n[client]\nport=4\n"),
  FILE ("etc/mysql/d/c.txt", "[mysqld]\nport=5\n"),
  FILE ("etc/mysql/loop", "[mysqld]\nsocket=''\n!include /etc/mysql/loop\n"),
};

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, MAIN, cases[_i].conf,
                                     included, DC_COUNT (included) };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

static void
check_included (const char *settings, const char *conf, const char *expected)
{
  const struct small_guest guest = { settings, MAIN, conf, included,
                                     DC_COUNT (included) };

  check_guest (&guest, expected);
}

/* Each file has its own groups. */
START_TEST (test_include)
{
  check_included (START, "[client]\n!includedir /etc/mysql/d\nport=9\n",
                  TCP ("* 2", "declared", "/etc/mysql/d/a.cnf:3"));
  check_included (START, "[mysqld]\n!include /etc/mysql/d/a.cnf\nport=9\n",
                  TCP ("* 9", "declared", "/" MAIN ":3"));
  check_included (START " --defaults-extra-file=/etc/mysql/d/a.cnf",
                  "[mysqld]\nport=9\n",
                  TCP ("* 2", "declared", "/etc/mysql/d/a.cnf:3"));
  check_included (START " --defaults-file=/etc/mysql/d/a.cnf",
                  "[mysqld]\nextra-port=9\n",
                  TCP ("* 2", "declared", "/etc/mysql/d/a.cnf:3"));
  check_included (
      START, "!include /etc/mysql/loop\n[mysqld]\nport=9\n",
      TCP ("* 9", "declared", "/" MAIN ":3")
          NOTE ("/etc/mysql/loop:3", "files include each other too deeply"));
}
END_TEST

/* A package says which version it is. */
START_TEST (test_version)
{
  static const struct dc_memory_file status[] = {
    DIR ("etc/mysql"),
    DIR ("var"),
    DIR ("var/lib"),
    DIR ("var/lib/dpkg"),
    FILE ("var/lib/dpkg/status",
          "Package: mysql-server-8.0\nStatus: install ok installed\n"
          "Architecture: amd64\nVersion: 1:8.0.30-1\n"),
  };
  const struct small_guest guest = {
    MYSQL, MAIN,
    "[mysqld-8.0]\nport=80\nsocket=/a\n[mysqld-8.4]\nport=84\n"
    "[mysqld-8.0.30]\nmysqlx_socket=/x\n",
    status, DC_COUNT (status)
  };

  check_guest (&guest, TCP ("* 80", "declared", "/" MAIN ":2")
                           TCP ("* 33060", "inferred", SYSTEMD)
                               SOCKET ("/a", "declared", "/" MAIN ":3")
                                   SOCKET ("/x", "declared", "/" MAIN ":7"));
}
END_TEST

/* What is not read is told. */
START_TEST (test_persisted)
{
  static const struct dc_memory_file files[] = {
    DIR ("etc/mysql"),
    DIR ("srv"),
    FILE ("srv/mysqld-auto.cnf",
          "{\"Version\": 2, \"mysql_static_variables\": {\"mysqlx_port\": "
          "{\"Value\": \"33070\"}}}"),
  };
  struct small_guest guest = { MYSQL, MAIN, QUIET "datadir=/srv\n", files,
                               DC_COUNT (files) };

  check_guest (&guest, NOTE (SYSTEMD, "mysqld-auto.cnf says something about "
                                      "sockets, which is not read"));
  guest.settings = START;
  check_guest (&guest, "");
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = {
    START " --defaults-group-suffix=x -P 5", MAIN,
    "[mysqld]\n!includedir /etc/mysql/d\nsocket=\"a\\sb\"\nport=x\n"
    "bind-address=a,b\nwsrep_on\nwsrep_provider=x\n"
    "wsrep_cluster_address=gcomm://a,b\n"
    "wsrep_provider_options=gmcast.listen_addr=tcp://1.1.1.1:1\n",
    included, DC_COUNT (included)
  };

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_include);
  tcase_add_test (tcase, test_version);
  tcase_add_test (tcase, test_persisted);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_mysql", add);
}
