/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/job/jobsection.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define CLOUD "var/lib/cloud/instance"

/* As at 3.2.5 of Debian 12 writes it, less most of the environment. */
#define AT_JOB                                                                 \
  "#!/bin/sh\n# atrun uid=1000 gid=1000\n# mail bob 0\numask 22\n"             \
  "PATH=/bin; export PATH\ncd /home/bob || {\n"                                \
  "\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}\n"             \
  "/usr/bin/backup --all\n"

#define COMMON                                                                 \
  FOLDERS,                                                                     \
      FILE ("etc/passwd", "root:x:0:0::/root:/bin/sh\n"                        \
                          "bob:x:1000:1000::/home/bob:/bin/sh\n"),             \
      DIR ("usr/sbin"), PROGRAM ("usr/sbin/cron", "x"),                        \
      LINK (USR "/default.target", "x.target"),                                \
      FILE (USR "/cron.service", "[Unit]\nDefaultDependencies=no\n"),          \
      FILE (USR "/atd.service", "[Unit]\nDefaultDependencies=no\n"),           \
      FILE (USR "/rc-local.service", "[Unit]\nDefaultDependencies=no\n"),      \
      FILE (USR "/a.timer", "[Unit]\nDefaultDependencies=no\n[Timer]\n"        \
                            "OnCalendar=weekly\n"),                            \
      FILE (USR "/a.service", "[Service]\nUser=bob\nExecStart=/bin/a b\n"),    \
      FILE ("etc/crontab",                                                     \
            "MAILTO=ops\n17 * * * * root run-parts /etc/cron.hourly\n"         \
            "@daily nobody x\n@reboot bob screen -d -m \"$HOME/x\" 100\\%\n"), \
      DIR ("etc/cron.hourly"), PROGRAM ("etc/cron.hourly/good", "x"),          \
      PROGRAM ("etc/cron.hourly/x.sh", "x"),                                   \
      FILE ("etc/cron.hourly/plain", "x"), DIR ("etc/cron.d"),                 \
      FILE ("etc/cron.d/bad", "* * * * * root a\n61 * * * * root b\n"),        \
      FILE ("etc/cron.d/x.dpkg-new", "* * * * * root c\n"),                    \
      FILE ("etc/cron.d/systemd",                                              \
            "0 0 * * * root test -e /run/systemd/system || d\n"),              \
      DIR ("var"), DIR ("var/spool"), DIR ("var/spool/cron"),                  \
      DIR ("var/spool/cron/crontabs"),                                         \
      FILE ("var/spool/cron/crontabs/bob",                                     \
            "X=\"a %\"\n0 5 1 * 1 e%1 \\%%2\n"),                               \
      DIR ("var/spool/cron/atjobs"),                                           \
      FILE ("var/spool/cron/atjobs/a0000101e96258", AT_JOB),                   \
      PROGRAM ("etc/rc.local",                                                 \
               "#!/bin/sh\nif true; then\n  nohup f &\nfi\ng \\\n  h\nexit "   \
               "0\n"),                                                         \
      DIR ("var/lib"), DIR ("var/lib/cloud"), DIR (CLOUD),                     \
      FILE (CLOUD "/user-data.txt",                                            \
            "#cloud-config\npackages:\n - x\nruncmd:\n - [ ls, -l ]\n"         \
            " - |\n   i\n   j\nbootcmd:\n- k\n")

static const struct dc_memory_file started[] = {
  COMMON,
  FILE (USR "/x.target",
        "[Unit]\nWants=cron.service atd.service rc-local.service a.timer\n"),
};
static const struct dc_memory_file idle[] = {
  COMMON,
  FILE (USR "/x.target", PLAIN),
};

static int
read_all (struct dc_tree *tree, struct dc_profile *profile,
          struct dc_error *err)
{
  return dc_users_load (tree, &profile->users, err) < 0 ||
                 dc_units_load (tree, &profile->units, err) < 0 ||
                 dc_jobs_read (tree, profile, err) < 0
             ? -1
             : 0;
}

static void
forget (struct dc_profile *profile)
{
  dc_jobs_forget (profile);
  dc_users_free (profile->users);
  dc_units_free (profile->units);
  dc_findings_release (profile);
  *profile = (struct dc_profile){ .guest = NULL };
}

static const char *
or_dash (const char *text)
{
  return text != NULL ? text : "-";
}

/* "FILE:LINE NORMAL|USER|COMMAND[ (PROBLEM)]" of each job. */
static void
print (const struct dc_profile *profile, struct dc_buffer *b)
{
  struct dc_error err;

  for (size_t i = 0; i < profile->jobs.count; i++) {
    const struct dc_job *job = &profile->jobs.items[i];
    ck_assert_ok (dc_buffer_print (
        b, &err, "%s:%u %s|%s|%s%s%s%s\n", job->evidence.file,
        job->evidence.line, or_dash (job->normal), or_dash (job->user),
        or_dash (job->command), job->problem != NULL ? " (" : "",
        job->problem != NULL ? job->problem : "",
        job->problem != NULL ? ")" : ""));
  }
  for (size_t i = 0; i < profile->finding_count; i++)
    ck_assert_ok (dc_buffer_print (b, &err, "%s %s:%u\n",
                                   profile->findings[i].id,
                                   profile->findings[i].evidence.file,
                                   profile->findings[i].evidence.line));
}

/* The job of bob's crontab: a service, and a timer that starts it. */
static void
check_bob (const struct dc_units *units)
{
  const struct dc_unit *service =
      dc_units_find (units, "cron-var-spool-cron-crontabs-bob-2.service");
  const struct dc_unit *timer =
      dc_units_find (units, "cron-var-spool-cron-crontabs-bob-2.timer");
  const struct dc_setting *setting;
  size_t position = 0;

  ck_assert_ptr_nonnull (service);
  ck_assert_ptr_nonnull (timer);
  ck_assert (!service->is_started && timer->is_started);
  ck_assert_str_eq (dc_unit_value (service, "Service", "Type", NULL),
                    "oneshot");
  ck_assert_str_eq (
      dc_unit_value (service, "Service", "StandardInputText", NULL),
      "1 %%\\n2");
  ck_assert_int_eq (
      dc_unit_next (service, "Service", "Environment", &position, &setting), 1);
  ck_assert_str_eq (setting->value, "PATH=/usr/bin:/bin");
  ck_assert_int_eq (
      dc_unit_next (service, "Service", "Environment", &position, &setting), 1);
  ck_assert_str_eq (setting->value, "\"X=a %%\"");
  position = 0;
  ck_assert_int_eq (
      dc_unit_next (timer, "Timer", "OnCalendar", &position, &setting), 1);
  ck_assert_str_eq (setting->value, "*-*-01 05:00:00");
  ck_assert_int_eq (
      dc_unit_next (timer, "Timer", "OnCalendar", &position, &setting), 1);
  ck_assert_str_eq (setting->value, "Mon *-*-* 05:00:00");
}

START_TEST (test_jobs)
{
  struct dc_error err;
  struct dc_profile profile = { .guest = NULL };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  ck_assert_ok (dc_tree_memory (started, DC_COUNT (started), &tree, &err));
  ck_assert_ok (read_all (tree, &profile, &err));
  print (&profile, &b);
  ck_assert_str_eq (
      dc_buffer_text (&b),
      "/etc/crontab:2 *-*-* *:17:00|root|run-parts /etc/cron.hourly\n"
      "/etc/cron.hourly/good:0 *-*-* *:17:00|root|/etc/cron.hourly/good\n"
      "/etc/crontab:3 *-*-* 00:00:00|nobody|x (there is no such user)\n"
      "/etc/crontab:4 boot|bob|screen -d -m \"$HOME/x\" 100%\n"
      "/etc/cron.d/bad:1 *-*-* *:*:00|root|a (cron ignores its file)\n"
      "/etc/cron.d/systemd:1 *-*-* 00:00:00|root|test -e /run/systemd/system "
      "|| d (it leaves the work to systemd)\n"
      "/var/spool/cron/crontabs/bob:2 *-*-01 05:00:00 or Mon *-*-* 05:00:00|"
      "bob|e\n"
      "/var/spool/cron/atjobs/a0000101e96258:10 2030-12-24 10:00:00 UTC|bob|"
      "/usr/bin/backup --all\n"
      "/" USR "/a.timer:4 Mon *-*-* 00:00:00|bob|/bin/a b\n"
      "/etc/rc.local:3 boot|root|nohup f &\n"
      "/etc/rc.local:5 boot|root|g   h\n"
      "/" CLOUD "/user-data.txt:5 first boot|root|[ ls, -l ] "
      "(cloud-init is not started)\n"
      "/" CLOUD "/user-data.txt:6 first boot|root|i "
      "(cloud-init is not started)\n"
      "/" CLOUD "/user-data.txt:10 boot|root|k (cloud-init is not started)\n"
      "cron.invalid /etc/cron.d/bad:2\n"
      "job.detached /etc/rc.local:3\n");
  ck_assert_str_eq (profile.jobs.items[0].environment.items[0], "MAILTO=ops");

  const struct dc_unit *unit =
      dc_units_find (profile.units, "cron-etc-crontab-4.service");
  ck_assert_ptr_nonnull (unit);
  ck_assert_int_eq ((int) unit->manager, DC_MANAGER_CRON);
  ck_assert (unit->is_started);
  ck_assert_str_eq (dc_unit_value (unit, "Service", "User", NULL), "bob");
  ck_assert_str_eq (dc_unit_value (unit, "Service", "ExecStart", NULL),
                    "/bin/sh -c \"screen -d -m \\\"$$HOME/x\\\" 100%%\"");
  check_bob (profile.units);
  ck_assert_ptr_null (
      dc_units_find (profile.units, "cron-etc-cron.d-systemd-1.timer"));
  forget (&profile);
}
END_TEST

START_TEST (test_nothing_starts_them)
{
  struct dc_error err;
  struct dc_profile profile = { .guest = NULL };
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (idle, DC_COUNT (idle), &tree, &err));
  ck_assert_ok (read_all (tree, &profile, &err));
  for (size_t i = 0; i < profile.jobs.count; i++)
    if (profile.jobs.items[i].kind != DC_JOB_BOOT)
      ck_assert_ptr_nonnull (profile.jobs.items[i].problem);
  ck_assert_ptr_null (
      dc_units_find (profile.units, "cron-etc-crontab-4.service"));
  forget (&profile);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  struct dc_profile profile = { .guest = NULL };
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (started, DC_COUNT (started), &tree, &err));
  OOM_LOOP (status, read_all (tree, &profile, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    forget (&profile);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_jobs);
  tcase_add_test (tcase, test_nothing_starts_them);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("jobs", add);
}
