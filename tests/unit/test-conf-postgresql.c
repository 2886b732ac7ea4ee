/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/text.h"
#include "tests/unit/endpoints.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define CLUSTER "etc/postgresql/15/main"
#define MAIN_CONF CLUSTER "/postgresql.conf"
#define DATA "var/lib/postgresql/15/main"
#define DEBIAN                                                                 \
  "ExecStart=-/usr/bin/pg_ctlcluster --skip-systemctl-redirect 15-main start"
#define UNIT ":2\n"
#define SYSTEMD "/usr/lib/systemd/system/s.service:"
#define TCP(address, confidence, place)                                        \
  "s.service tcp " address " " confidence " " place "\n"
#define SOCKET(path, confidence, place)                                        \
  "s.service unix " path "/.s.PGSQL." confidence " " place "\n"
#define NOTE(place, text) "endpoint.unknown " place " s.service: " text "\n"
#define START(options)                                                         \
  "ExecStart=/usr/lib/postgresql/15/bin/postgres -D /" CLUSTER options
#define QUIET "listen_addresses=''\nunix_socket_directories=''\n"

static const struct {
  const char *settings, *conf, *expected;
} cases[] = {
  /* What is compiled in. */
  { DEBIAN, "",
    TCP ("localhost 5432", "inferred", SYSTEMD "2")
        SOCKET ("/var/run/postgresql", "5432 inferred", SYSTEMD "2") },
  { START (""), "unix_socket_directories = ''\n",
    TCP ("localhost 5432", "inferred", SYSTEMD "2") },
  { "ExecStart=/usr/bin/postmaster -D /" CLUSTER, "listen_addresses=''",
    SOCKET ("/tmp", "5432 inferred", SYSTEMD "2")
        SOCKET ("/var/run/postgresql", "5432 inferred", SYSTEMD "2") },
  { "ExecStart=/opt/pg/bin/postgres -D /" CLUSTER, "listen_addresses=''",
    SOCKET ("/tmp", "5432 inferred", SYSTEMD "2") },
  /* Quotes, comments, case, signs; the last one wins. */
  { DEBIAN,
    "  Listen_Addresses '*' # all\nport=5433\n#port = 1\nPORT 5434\r\n"
    "unix_socket_directories = '/run/a, \"/run/B,c\"'\n",
    TCP ("* 5434", "declared", "/" MAIN_CONF ":4")
        SOCKET ("/run/B,c", "5434 declared", "/" MAIN_CONF ":5")
            SOCKET ("/run/a", "5434 declared", "/" MAIN_CONF ":5") },
  { DEBIAN,
    "listen_addresses = '0.0.0.0, ::1 ,DB.example'\n"
    "unix_socket_directories=''\nport '6000'\n",
    TCP ("0.0.0.0 6000", "declared", "/" MAIN_CONF ":3")
        TCP ("::1 6000", "declared", "/" MAIN_CONF ":3")
            TCP ("db.example 6000", "declared", "/" MAIN_CONF ":3") },
  { DEBIAN, "listen_addresses=''\nunix_socket_directories='@pg, /it''s\\'x'\n",
    SOCKET ("/it's'x", "5432 declared", "/" MAIN_CONF ":2")
        SOCKET ("@pg", "5432 declared", "/" MAIN_CONF ":2") },
  { DEBIAN, QUIET "custom.thing = on\nwork_mem 4MB\nx = -1.5e+3\n", "" },
  { DEBIAN, "listen_addresses=''\nunix_socket_directory = /old\n",
    SOCKET ("/old", "5432 declared", "/" MAIN_CONF ":2") },
  /* The command line goes before the files. */
  { START (" -p 7000 -k /k --listen-addresses=10.0.0.1"), "port = 1\n",
    TCP ("10.0.0.1 7000", "declared", SYSTEMD "2")
        SOCKET ("/k", "7000 declared", SYSTEMD "2") },
  { START (" -i -c port=7001 -c unix_socket_directories="), "",
    TCP ("* 7001", "declared", SYSTEMD "2") },
  { "ExecStart=/usr/pgsql-15/bin/postgres -c config_file=/" MAIN_CONF " -h ''",
    "port=9\n",
    SOCKET ("/tmp", "9 inferred", SYSTEMD "2")
        SOCKET ("/var/run/postgresql", "9 inferred", SYSTEMD "2") },
  { "ExecStart=/usr/bin/pg_ctl start -D ${PGDATA} -s -o \"-p ${PGPORT} -k ''\" "
    "-w -t 300\nEnvironment=PGDATA=/" CLUSTER " PGPORT=5440",
    "", TCP ("localhost 5440", "declared", SYSTEMD "2") },
  { "ExecStart=/usr/bin/postmaster\nEnvironment=PGPORT=5441 PGDATA=/" CLUSTER,
    "unix_socket_directories=''\n",
    TCP ("localhost 5441", "inferred", SYSTEMD "2") },
  { "ExecStart=/usr/bin/pg_ctlcluster 15 main start -o '-p 5442'", QUIET, "" },
  { START (" -C port"), "", "" },
  { START (" --single"), "", "" },
  /* What PostgreSQL refuses. */
  { DEBIAN, QUIET "port = 70000\n",
    NOTE ("/" MAIN_CONF ":3", "'70000' is no port") },
  { DEBIAN, QUIET "port = '1\nhba 1 2\n= 5\nname\n",
    NOTE ("/" MAIN_CONF ":3", "a quote stays open")
        NOTE ("/" MAIN_CONF ":4", "more than one value")
            NOTE ("/" MAIN_CONF ":5", "not a setting")
                NOTE ("/" MAIN_CONF ":6", "a setting without a value") },
  { DEBIAN, "listen_addresses='a,,b'\nunix_socket_directories='\"a'\n",
    NOTE ("/" MAIN_CONF ":1", "an empty entry in a list")
        NOTE ("/" MAIN_CONF ":2", "a quote stays open in a list") },
  { "ExecStart=/usr/bin/pg_ctlcluster 14-main start", "",
    NOTE (SYSTEMD "2", "cannot use '/etc/postgresql/14/main/postgresql.conf': "
                       "it is not there") },
};

#define PLACES DIR ("etc/postgresql"), DIR ("etc/postgresql/15"), DIR (CLUSTER)

static const struct dc_memory_file places[] = { PLACES };

START_TEST (test_cases)
{
  const struct small_guest guest = { cases[_i].settings, MAIN_CONF,
                                     cases[_i].conf, places,
                                     DC_COUNT (places) };

  check_guest (&guest, cases[_i].expected);
}
END_TEST

static const struct dc_memory_file included[] = {
  PLACES,
  DIR (CLUSTER "/conf.d"),
  FILE (CLUSTER "/conf.d/a.conf", "port = 1\nlisten_addresses='10.0.0.1'\n"),
  FILE (CLUSTER "/conf.d/b.conf", "port = 2\n"),
  FILE (CLUSTER "/conf.d/.c.conf", "port = 3\n"),
  FILE (CLUSTER "/conf.d/d.txt", "port = 4\n"),
  FILE (CLUSTER "/loop", "include 'loop'\nport = 5\n"),
  DIR ("srv"),
  DIR ("srv/data"),
  FILE ("srv/data/postgresql.auto.conf", "port = 6\n"),
  DIR ("srv/standby"),
  FILE ("srv/standby/standby.signal", ""),
  DIR ("var"),
  DIR ("var/lib"),
  DIR ("var/lib/postgresql"),
  DIR ("var/lib/postgresql/15"),
  DIR (DATA),
  FILE (DATA "/postgresql.auto.conf", "port = 7\n"),
};

static void
check_included (const char *conf, const char *expected)
{
  const struct small_guest guest = { DEBIAN, MAIN_CONF, conf, included,
                                     DC_COUNT (included) };

  check_guest (&guest, expected);
}

START_TEST (test_include)
{
  check_included (
      "unix_socket_directories=''\ndata_directory = '/none'\n"
      "port 9\ninclude_dir 'conf.d'\ninclude_if_exists = 'none'\n",
      TCP ("10.0.0.1 2", "declared", "/" CLUSTER "/conf.d/b.conf:1"));
  check_included (QUIET "data_directory='/none'\ninclude 'none'\n",
                  NOTE ("/" MAIN_CONF ":4",
                        "cannot use '/" CLUSTER "/none': it is not there"));
  check_included (
      QUIET "data_directory='/none'\ninclude 'loop'\n",
      NOTE ("/" CLUSTER "/loop:1", "files include each other too deeply"));
}
END_TEST

/* What ALTER SYSTEM wrote is read last. */
START_TEST (test_auto_conf)
{
  check_included (
      "unix_socket_directories=''\nport=9\n",
      TCP ("localhost 7", "declared", "/" DATA "/postgresql.auto.conf:1"));
  check_included (
      "unix_socket_directories=''\ndata_directory='/srv/data'\n",
      TCP ("localhost 6", "declared", "/srv/data/postgresql.auto.conf:1"));
}
END_TEST

#define TO(what) "s.service -> " what " declared /" MAIN_CONF ":3\n"

static const struct {
  const char *conninfo, *expected;
} primaries[] = {
  { "host=db1 port = 5433 user=''re'' password=''a \\\\''b''",
    TO ("tcp db1 5433") },
  { "user=x host=db1,db2,/run/pg port=1,,3",
    TO ("tcp db1 1") TO ("tcp db2 5432") TO ("unix /run/pg/.s.PGSQL.3") },
  { "hostaddr=10.0.0.9 host=db1", TO ("tcp 10.0.0.9 5432") },
  { "postgresql://u:p@db1:5433,[::1],db3/name?host=x",
    TO ("tcp ::1 5432") TO ("tcp db1 5433") TO ("tcp db3 5432") },
  { "user=x", "" },
  { "host", NOTE ("/" MAIN_CONF ":3", "a word without a value") },
  { "host=a,b,c port=1,2", NOTE ("/" MAIN_CONF ":3", "2 ports for 3 hosts") },
};

static void
check_primary (const char *data, const char *conninfo, const char *expected)
{
  AUTO_FREE char *conf = NULL;
  struct dc_error err = { .code = DC_OK };

  ck_assert_ok (dc_text_print (
      &conf, &err,
      "listen_addresses=''\nunix_socket_directories=''\nprimary_conninfo = "
      "'%s'\ndata_directory = '%s'\n",
      conninfo, data));
  check_included (conf, expected);
}

START_TEST (test_primary)
{
  check_primary ("/none", primaries[_i].conninfo, "");
  check_primary ("/srv/standby", primaries[_i].conninfo,
                 primaries[_i].expected);
}
END_TEST

START_TEST (test_no_memory)
{
  const struct small_guest guest = {
    DEBIAN " -o '-p 5'", MAIN_CONF,
    "data_directory='/srv/standby'\ninclude_dir 'conf.d'\n"
    "listen_addresses='a,\"b\"'\nprimary_conninfo='host=a,b port=1'\n"
    "unix_socket_directories=/x\n",
    included, DC_COUNT (included)
  };

  check_guest_no_memory (&guest);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, DC_COUNT (cases));
  tcase_add_loop_test (tcase, test_primary, 0, DC_COUNT (primaries));
  tcase_add_test (tcase, test_include);
  tcase_add_test (tcase, test_auto_conf);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("conf_postgresql", add);
}
