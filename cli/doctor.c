/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glob.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/initprogram.h"
#include "lib/confine.h"
#include "lib/json.h"
#include "lib/kvm.h"
#include "lib/run.h"
#include "lib/statedir.h"

#define REMEDY_INDENT 27
#define REMEDY_WIDTH ((size_t) 50) /* with the arrow 80 columns */

enum need {
  NEEDED, /* decant does not work without it */
  WANTED, /* something of decant does not; the remedy says what */
};

struct finding {
  bool is_good;
  char text[160]; /* what is there, or what is not */
};

struct check {
  const char *name;
  enum need need;
  const char *remedy;   /* what to do where it is not good */
  const char *argument; /* for the probe */
  void (*probe) (const struct check *check, const struct dc_report *report,
                 struct finding *finding);
};

static void say (struct finding *finding, bool is_good, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 3, 4)));
static void
say (struct finding *finding, bool is_good, const char *fmt, ...)
{
  va_list args;

  finding->is_good = is_good;
  va_start (args, fmt);
  (void) vsnprintf (finding->text, sizeof finding->text, fmt, args);
  va_end (args);
}

static void
probe_program (const struct check *check, const struct dc_report *report,
               struct finding *finding)
{
  AUTO_FREE char *path = dc_run_find (check->argument);

  (void) report; /* nothing is run */
  say (finding, path != NULL, "%s", path != NULL ? path : "not installed");
}

static void
probe_landlock (const struct check *check, const struct dc_report *report,
                struct finding *finding)
{
  const int abi = dc_landlock_abi ();

  (void) check;
  (void) report; /* one system call */
  if (abi > 0)
    say (finding, true, "ABI version %d", abi);
  else
    say (finding, false, "not in this kernel");
}

static void
probe_seccomp (const struct check *check, const struct dc_report *report,
               struct finding *finding)
{
  const unsigned action = SECCOMP_RET_ERRNO;

  (void) check;
  (void) report; /* one system call */
  const bool is_there =
      syscall (SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
  say (finding, is_there, is_there ? "filters work" : "no filters");
}

static void
probe_user_namespaces (const struct check *check,
                       const struct dc_report *report, struct finding *finding)
{
  const char *const argv[] = { "unshare", "--user", "--map-root-user", "true",
                               NULL };
  const struct dc_run run = { .argv = argv, .timeout_ms = 5000 };
  struct dc_error err;

  (void) check;
  if (dc_run (&run, report, &err) == 0)
    say (finding, true, "can be made");
  else
    say (finding, false, "%s", err.text);
}

static void
probe_kernel (const struct check *check, const struct dc_report *report,
              struct finding *finding)
{
  glob_t found = { .gl_pathc = 0 };

  (void) report; /* nothing is run */
  const bool is_there =
      glob (check->argument, 0, NULL, &found) == 0 && found.gl_pathc > 0;
  const char *path = is_there ? found.gl_pathv[found.gl_pathc - 1] : "";
  if (!is_there)
    say (finding, false, "no kernel in /boot");
  else if (access (path, R_OK) < 0)
    say (finding, false, "'%s' cannot be read by this user", path);
  else
    say (finding, true, "%s", path);
  globfree (&found);
}

static void
probe_kvm (const struct check *check, const struct dc_report *report,
           struct finding *finding)
{
  static const char *const texts[] = {
    [DC_KVM_WORKS] = "boots a guest",
    [DC_KVM_ABSENT] = "no /dev/kvm, or no permission",
    [DC_KVM_BROKEN] = "/dev/kvm is there, but a guest does not boot with it",
    [DC_KVM_UNTRIED] = "no QEMU to try it with",
  };
  enum dc_kvm answer = DC_KVM_ABSENT;
  struct dc_error err;

  (void) check;
  if (dc_kvm_probe (report, &answer, &err) < 0)
    say (finding, false, "%s", err.text);
  else
    say (finding, answer == DC_KVM_WORKS, "%s", texts[answer]);
}

static void
probe_init (const struct check *check, const struct dc_report *report,
            struct finding *finding)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (4096);
  struct dc_error err;

  (void) check;
  (void) report; /* nothing is run */
  if (dc_init_program_path (&path, &err) < 0)
    say (finding, false, "%s", err.text);
  else
    say (finding, true, "%s", path.data);
}

static void
probe_state (const struct check *check, const struct dc_report *report,
             struct finding *finding)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (4096);
  struct dc_error err;

  (void) check;
  (void) report; /* nothing is run */
  AUTO_CLOSE int fd = dc_statedir_open (&err);
  if (fd < 0 || dc_statedir_path (&path, &err) < 0)
    say (finding, false, "%s", err.text);
  else if (faccessat (fd, ".", W_OK, AT_EACCESS) < 0)
    say (finding, false, "cannot write to '%s'", path.data);
  else
    say (finding, true, "%s", path.data);
}

static const struct check checks[] = {
  { "decant-init", NEEDED,
    "run 'make install', or run decant where it was built", NULL, probe_init },
  { "state folder", NEEDED, "set DECANT_STATE_DIR to a folder you can write",
    NULL, probe_state },
  { "seccomp", NEEDED, "use a kernel with CONFIG_SECCOMP_FILTER", NULL,
    probe_seccomp },
  { "Landlock", WANTED,
    "kernel 5.13 or later with 'landlock' in lsm=; until then workers are "
    "confined by seccomp alone",
    NULL, probe_landlock },
  { "qemu-img", NEEDED, "apt-get install qemu-utils", "qemu-img",
    probe_program },
  { "qemu-nbd", WANTED,
    "apt-get install qemu-utils; until then only raw and plain qcow2 disks "
    "are read",
    "qemu-nbd", probe_program },
  { "podman", WANTED, "apt-get install podman; runc or crun alone will do",
    "podman", probe_program },
  { "runc", WANTED, "apt-get install runc", "runc", probe_program },
  { "crun", WANTED, "apt-get install crun", "crun", probe_program },
  { "slirp4netns", WANTED,
    "apt-get install slirp4netns; until then ports need a bridge",
    "slirp4netns", probe_program },
  { "user namespaces", WANTED,
    "sysctl user.max_user_namespaces=10000; until then containers need root",
    NULL, probe_user_namespaces },
  { "supermin", WANTED,
    "apt-get install libguestfs-tools; until then only ext file systems are "
    "read",
    "supermin", probe_program },
  { "appliance kernel", WANTED,
    "apt-get install linux-image-cloud-amd64, and run as root; until then "
    "only ext file systems are read",
    "/boot/vmlinuz-*", probe_kernel },
  { "KVM", WANTED,
    "the appliance runs in software emulation, which takes ten times as long",
    NULL, probe_kvm },
};

struct doctor_options {
  bool is_json;
};

static const struct dc_option options[] = {
  { .name = "json",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct doctor_options, is_json),
    .help = "one JSON object" },
  DC_OPTION_END,
};

static const char *
verdict (const struct check *check, const struct finding *finding)
{
  return finding->is_good        ? "ok"
         : check->need == NEEDED ? "MISSING"
                                 : "without";
}

/* Under the findings, in lines that fit a terminal of 80 columns. */
static int
print_remedy (const char *text)
{
  const char *arrow = "->";

  while (*text != '\0') {
    size_t size = strlen (text);
    if (size > REMEDY_WIDTH) {
      size = REMEDY_WIDTH;
      while (size > 1 && text[size] != ' ')
        size--;
    }
    if (printf ("%-*s%s %.*s\n", REMEDY_INDENT, "", arrow, (int) size, text) <
        0)
      return -1;
    text += size;
    text += strspn (text, " ");
    arrow = "  ";
  }
  return 0;
}

static int
print_line (const struct check *check, const struct finding *finding)
{
  const int status = printf ("%-8s %-17s %s\n", verdict (check, finding),
                             check->name, finding->text);

  return finding->is_good || status < 0 ? status : print_remedy (check->remedy);
}

static int
add_json (json_t *list, const struct check *check,
          const struct finding *finding)
{
  return json_array_append_new (
      list, json_pack ("{s:s, s:s, s:s, s:s*}", "name", check->name, "verdict",
                       verdict (check, finding), "text", finding->text,
                       "remedy", finding->is_good ? NULL : check->remedy));
}

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct doctor_options opts = { .is_json = false };
  json_auto_t *list = json_array ();
  int first = 0;

  if (dc_command_options (&dc_command_doctor, argc, argv, &opts, &first, status,
                          err) < 0)
    return -1;
  if (first < argc)
    return dc_usage (status, err, "doctor takes no argument");
  for (size_t i = 0; i < DC_COUNT (checks); i++) {
    struct finding finding = { .is_good = false };
    checks[i].probe (&checks[i], &terminal->report, &finding);
    if (dc_report_is_cancelled (&terminal->report))
      return dc_fail (err, DC_ERR_CANCELLED, "interrupted");
    if (!finding.is_good && checks[i].need == NEEDED)
      *status = DC_EXIT_BELOW;
    if ((opts.is_json ? add_json (list, &checks[i], &finding)
                      : print_line (&checks[i], &finding)) < 0)
      return dc_fail_errno (err, "cannot write");
  }
  if (!opts.is_json)
    return 0;
  json_auto_t *all = json_pack ("{s:O}", "checks", list);
  return json_dumpf (all, stdout, JSON_INDENT (2)) < 0 || puts ("") < 0
             ? dc_fail_errno (err, "cannot write")
             : 0;
}

const struct dc_command dc_command_doctor = {
  .name = "doctor",
  .operands = "",
  .summary = "Say what this host can do, and how to mend what it cannot",
  .options = options,
  .run = run,
};
