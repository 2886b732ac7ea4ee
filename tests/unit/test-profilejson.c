/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/manager.h"
#include "analyzer/profile.h"
#include "lib/json.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* Literals in the structs of a profile, which own their texts otherwise. */
#define T(text)                                                                \
  (char[])                                                                     \
  {                                                                            \
    text                                                                       \
  }

static struct dc_guest_fs filesystems[] = {
  { .device = T ("/dev/sda1"),
    .type = T ("ext4"),
    .uuid = T (""),
    .label = T ("r\xf6t"),
    .mountpoint = T ("/"),
    .state = T ("clean"),
    .size = 4096 },
};
static struct dc_guest guest = { T ("ext"), filesystems, 1 };
static struct dc_osrel os = { .id = T ("debian"),
                              .version_id = T (""),
                              .file = T ("/etc/os-release"),
                              .family = "debian",
                              .kernel = "linux" };
static struct dc_package package = { .name = T ("nginx"),
                                     .version = T ("1"),
                                     .arch = T (""),
                                     .depends = T ("libc6 (>= 2)\n\xf6"),
                                     .file = T ("/var/lib/dpkg/status"),
                                     .line = 3,
                                     .size = 1024,
                                     .manual = DC_ANSWER_YES };
static struct dc_packages packages = {
  .dbs = { { .manager = &dc_package_manager_dpkg,
             .file = T ("/var/lib/dpkg/status"),
             .count = 1 } },
  .db_count = 1,
  .items = &package,
  .count = 1,
};
static struct dc_user user = { .name = T ("root"),
                               .home = T ("/root"),
                               .shell = T ("/bin/sh"),
                               .uid = 0,
                               .gid = 4294967294,
                               .can_login = true,
                               .line = 1 };
static char *members[] = { T ("root") };
static struct dc_group group = { T ("adm"), members, 1, 4, 2 };
static struct dc_users users = {
  .users = &user, .user_count = 1, .groups = &group, .group_count = 1
};
#define SETTING(in, name, text, from, at)                                      \
  {                                                                            \
    .section = T (in), .key = T (name), .value = T (text), .file = T (from),   \
    .line = (at)                                                               \
  }
static struct dc_setting settings[] = {
  SETTING ("Unit", "Description", "A server", "/lib/a.service", 2),
  SETTING ("Service", "ExecStart", "/bin/old", "/lib/a.service", 4),
  SETTING ("Service", "ExecStart", "", "/etc/a.d/x.conf", 2),
  SETTING ("Service", "ExecStart", "/bin/a %i", "/etc/a.d/x.conf", 3),
};
static char *aliases[] = { T ("b.service"), NULL };
static struct dc_unit items[] = {
  { .name = T ("a.service"),
    .file = T ("/lib/a.service"),
    .aliases = { aliases, 1 },
    .settings = settings,
    .setting_count = 4,
    .state = DC_UNIT_ENABLED,
    .is_started = true,
    .started_by = T ("/etc/x") },
  { .name = T ("cron.timer"), .state = DC_UNIT_STATIC },
  { .name = T ("getty@tty1.service"),
    .file = T ("/lib/getty@.service"),
    .state = DC_UNIT_BAD,
    .problem = T ("why") },
};
static struct dc_units units = { items, 3, T ("multi-user.target") };
static struct dc_endpoint endpoints[] = {
  { .service = T ("a.service"),
    .protocol = DC_TCP,
    .address = T (""),
    .port = 80,
    .evidence = { T ("/etc/a.conf"), 7 },
    .confidence = DC_DECLARED },
  { .service = T ("a.service"),
    .protocol = DC_UNIX,
    .address = T (""),
    .path = T ("@a"),
    .confidence = DC_INFERRED },
};
static char init_program[] = "/bin/busybox", init_level[] = "default";
static char init_file[] = "/etc/inittab";
static struct dc_connection connections[] = {
  { T ("a.service"),
    DC_TCP,
    T ("db.example.org"),
    5432,
    NULL,
    { T ("/etc/a.conf"), 8 },
    DC_DECLARED },
  { T ("a.service"), DC_TCP, T ("mail"), 0, NULL, { NULL, 0 }, DC_UNKNOWN },
  { T ("a.service"), DC_UNIX, NULL, 0, T ("/run/x"), { NULL, 0 }, DC_INFERRED },
};
static struct dc_mount mount = { T ("UUID=1"), T ("/"), T ("ext4"), T ("ro"),
                                 3 };
static struct dc_job jobs[] = {
  { .kind = DC_JOB_CRON,
    .schedule = "@daily",
    .normal = "*-*-* 00:00:00",
    .user = "root",
    .command = "a",
    .confidence = DC_DECLARED,
    .evidence = { T ("/etc/crontab"), 4 } },
  { .kind = DC_JOB_TIMER,
    .name = "a.timer",
    .problem = "why",
    .confidence = DC_UNKNOWN },
};
static struct dc_finding finding = { T ("a.b"), T ("text"), { T ("/f"), 0 } };
static struct dc_profile profile = {
  .guest = &guest,
  .os = &os,
  .arch = T ("amd64"),
  .packages = &packages,
  .users = &users,
  .units = &units,
  .endpoints = { endpoints, 2 },
  .connections = { connections, 3 },
  .init = { true,
            DC_MANAGER_OPENRC,
            init_program,
            init_level,
            { init_file, 9 } },
  .mounts = { &mount, 1 },
  .jobs = { jobs, 2, 0 },
  .findings = &finding,
  .finding_count = 1,
  .findings_lost = 5,
};

/* The value of each key, compact. */
static const struct {
  const char *key, *value;
} parts[] = {
  { "source", "null" },
  { "guest", "{'backend':'ext','filesystems':[{'device':'/dev/sda1','label':"
             "'r\xef\xbf\xbdt','mountpoint':'/','size':4096,'state':'clean',"
             "'type':'ext4','uuid':null}],'sparse_files':null}" },
  { "os", "{'codename':null,'confidence':'declared','evidence':{'file':"
          "'/etc/os-release','line':null},'family':'debian','id':'debian',"
          "'id_like':null,'kernel':'linux','name':null,'pretty_name':null,"
          "'release':null,'release_evidence':null,'version_id':''}" },
  { "architecture", "'amd64'" },
  { "architecture_variant", "null" },
  { "hostname", "null" },
  { "packages",
    "{'changed_conffiles':[],'count':1,'databases':[{'count':1,'damaged':0,'"
    "file':"
    "'/var/lib/dpkg/status','manager':'dpkg'}],'items':[{'arch':null,"
    "'depends':['libc6 (>= 2)','\xef\xbf\xbd'],'distribution':false,"
    "'essential':false,'evidence':{'file':'/var/lib/dpkg/status','line':3},"
    "'foreign':null,'held':false,'manager':'dpkg','manual':true,"
    "'name':'nginx','provides':[],'section':null,'size':1024,"
    "'source':'nginx','vendor':null,'version':'1'}],'repositories':[],"
    "'verification':null}" },
  { "users", "[{'can_login':true,'evidence':{'file':'/etc/passwd','line':1},"
             "'gid':4294967294,'has_password':false,'home':'/root','name':"
             "'root','shell':'/bin/sh','uid':0}]" },
  { "groups", "[{'evidence':{'file':'/etc/group','line':2},'gid':4,"
              "'members':['root'],'name':'adm'}]" },
  { "default_target", "'multi-user.target'" },
  { "services",
    "[{'aliases':['b.service'],'daemon':null,'description':'A "
    "server','drop_ins':"
    "['/etc/a.d/x.conf'],'environment_files':[],'evidence':{'file':"
    "'/etc/a.d/x.conf','line':3},'exec':['/bin/a %i'],'file':'/lib/a.service',"
    "'group':null,'left_out':null,'manager':'systemd',"
    "'name':'a.service','problem':null,"
    "'restart':null,'settings':[],'started':true,'started_by':'/etc/"
    "x','state':'enabled',"
    "'type':'simple','user':null,'working_directory':null},"
    "{'aliases':[],'daemon':null,'description':null,'drop_ins':[],'environment_"
    "files':[],"
    "'evidence':{'file':'/lib/getty@.service','line':null},'exec':[],"
    "'file':'/lib/getty@.service','group':null,'left_out':'a login on a "
    "terminal that a container does not have',"
    "'manager':'systemd','name':'getty@tty1.service',"
    "'problem':'why','restart':null,'settings':[],'started':false,'started_by':"
    "null,"
    "'state':'bad','type':null,'user':null,'working_directory':null}]" },
  { "applications", "[]" },
  { "couplings", "[]" },
  { "units", "[{'aliases':[],'description':null,'evidence':null,'manager':"
             "'systemd','name':'cron.timer','schedule':null,'settings':[],"
             "'started':false,'started_by':null,'state':'static',"
             "'triggers':'cron.service'}]" },
  { "secrets", "[]" },
  { "storage", "{'folders':[],'items':[]}" },
  { "dependencies", "[]" },
  { "kernel", "{'command_line':null,'devices':[],'foreign_modules':[],"
              "'modules':[],'parameters':[],'versions':[]}" },
  { "endpoints",
    "[{'address':'*','confidence':'declared','evidence':{'file':'/etc/a.conf',"
    "'line':7},'path':null,'port':80,'protocol':'tcp','service':'a.service'},"
    "{'address':null,'confidence':'inferred','evidence':null,'path':'@a',"
    "'port':null,'protocol':'unix','service':'a.service'}]" },
  { "init", "{'evidence':{'file':'/etc/inittab','line':9},'manager':"
            "'openrc','program':'/bin/busybox','runlevel':'default'}" },
  { "connections",
    "[{'confidence':'declared','evidence':{'file':'/etc/a.conf','line':8},"
    "'host':'db.example.org','path':null,'port':5432,'protocol':'tcp',"
    "'service':'a.service'},"
    "{'confidence':'unknown','evidence':null,'host':'mail','path':null,"
    "'port':null,'protocol':'tcp','service':'a.service'},"
    "{'confidence':'inferred','evidence':null,'host':null,'path':'/run/x',"
    "'port':null,'protocol':'unix','service':'a.service'}]" },
  { "identity", "{'cloud_init':null,'directories':[],'locale':null,'lookups':"
                "[],'machine_id':null,'sudo':[],'time_zone':null}" },
  { "machine", "null" },
  { "windows", "null" },
  { "observed", "null" },
  { "security", "{'apparmor':null,'privileged_files':[],"
                "'privileged_files_left_out':0,'selinux':null}" },
  { "resources", "{'given':null,'history':null,'limits':[],'observed':null,"
                 "'other_history':null}" },
  { "network", "{'firewalls':[],'hosts':[],'interfaces':[],'proxies':[],"
               "'resolver':{'link':null,'lookup':[],'nameservers':[],"
               "'search':[]},'software':[]}" },
  { "mounts",
    "[{'becomes':'image','device':'UUID=1','evidence':{'file':'/etc/fstab',"
    "'line':3},'mountpoint':'/','options':'ro','reason':"
    "'the root file system is the image','type':'ext4'}]" },
  { "jobs",
    "[{'command':'a','confidence':'declared','enabled':true,'environment':[],"
    "'evidence':{'file':'/etc/crontab','line':4},'kind':'cron','name':null,"
    "'normal':'*-*-* 00:00:00','problem':null,'schedule':'@daily',"
    "'user':'root'},"
    "{'command':null,'confidence':'unknown','enabled':false,'environment':[],"
    "'evidence':null,'kind':'timer','name':'a.timer','normal':null,"
    "'problem':'why','schedule':null,'user':null}]" },
  { "user_units", "[]" },
  { "containers", "[]" },
  { "language_packages", "{'distribution':0,'items':[],'items_left_out':0}" },
  { "findings", "[{'evidence':{'file':'/f','line':null},'id':'a.b',"
                "'text':'text'}]" },
  { "findings_left_out", "5" },
};

START_TEST (test_parts)
{
  struct dc_error err;
  json_auto_t *json = NULL;
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  ck_assert_ok (dc_profile_json (&profile, &json, &err));
  ck_assert_uint_eq (json_object_size (json), DC_COUNT (parts) + 1);
  ck_assert_ok (dc_json_canonical (json_object_get (json, parts[_i].key), &text,
                                   &size, &err));
  for (char *p = text; *p != '\0'; p++)
    if (*p == '"')
      *p = '\'';
  ck_assert_str_eq (text, parts[_i].value);
}
END_TEST

START_TEST (test_version)
{
  struct dc_error err;
  json_auto_t *json = NULL;

  ck_assert_ok (dc_profile_json (&profile, &json, &err));
  const json_t *decant = json_object_get (json, "decant");
  ck_assert_int_eq (
      json_integer_value (json_object_get (decant, "profile_version")), 1);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  json_t *json = NULL;

  json_set_alloc_funcs (malloc, free); /* ours, which can fail */
  OOM_LOOP (status, dc_profile_json (&profile, &json, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    json_decref (DC_TAKE (json));
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_parts, 0, (int) DC_COUNT (parts));
  tcase_add_test (tcase, test_version);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("profilejson", add);
}
