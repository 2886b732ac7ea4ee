/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/json.h"
#include "lib/output.h"
#include "lib/quote.h"
#include "lib/run.h"
#include "lib/statedir.h"
#include "runtime/runner.h"

#define RUNNING "running" /* folder of the records */
#define RECORD_SIZE_MAX ((size_t) 64 * 1024)
#define FORWARDING "/proc/sys/net/ipv4/ip_forward"

static const struct dc_runner *const runners[] = {
  &dc_runner_podman,
  &dc_runner_runc,
  &dc_runner_crun,
};

int
dc_runner_find (const char *name, const struct dc_runner **out,
                struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (runners); i++) {
    if (name != NULL && strcmp (runners[i]->name, name) != 0)
      continue;
    AUTO_FREE char *path = dc_run_find (runners[i]->name);
    if (path != NULL) {
      *out = runners[i];
      return 0;
    }
  }
  return dc_fail (err, DC_ERR_NOTFOUND, "%s is not installed",
                  name != NULL ? dc_quote (name).text
                               : "none of podman, runc, crun");
}

static int
check_name (const char *name, struct dc_error *err)
{
  static const char bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";

  if (name[0] == '\0' || strchr ("_.-", name[0]) != NULL ||
      name[strspn (name, bytes)] != '\0' || strlen (name) > DC_RUN_NAME_MAX)
    return dc_fail (err, DC_ERR_INVALID,
                    "'%s' cannot name a container: use a-z, 0-9, '_', '.', '-'",
                    dc_quote (name).text);
  return 0;
}

static void
record_name (const char *name, char file[DC_RUN_NAME_MAX + 8])
{
  (void) snprintf (file, DC_RUN_NAME_MAX + 8, "%s.json", name);
}

/* A bridge needs IP forwarding and rules in the host's firewall.  Where
 * forwarding is off, the host's owner has not allowed that, and we do not
 * switch it on.
 */
static enum dc_network
choose_network (const struct dc_report *report)
{
  static const char hint[] =
      "no bridge without root and IP forwarding, ports go through slirp4netns";
  char forwarding = '0';
  struct dc_error ignored; /* unreadable is the same as off */
  AUTO_CLOSE int fd = dc_file_open (-100, FORWARDING, &ignored);

  if (fd >= 0 && geteuid () == 0 && read (fd, &forwarding, 1) == 1 &&
      forwarding == '1')
    return DC_NETWORK_BRIDGE;
  dc_info (report, "%s", hint);
  return DC_NETWORK_SLIRP;
}

static int
write_record (int dir, const struct dc_runner *runner,
              const struct dc_start *start, int pid, struct dc_error *err)
{
  char file[DC_RUN_NAME_MAX + 8];
  AUTO_FREE char *text = NULL;
  size_t size = 0;
  json_auto_t *json =
      json_pack ("{s:s, s:s, s:s, s:s, s:s, s:i}", "name", start->name,
                 "runner", runner->name, "layout", start->layout_path, "tag",
                 start->tag, "digest", start->image->target.digest, "pid", pid);

  if (json == NULL)
    return dc_json_no_memory (err);
  record_name (start->name, file);
  if (dc_json_pretty (json, &text, &size, err) < 0)
    return -1;
  return dc_output_replace (dir, file, text, size, err);
}

int
dc_container_start (const struct dc_runner *runner,
                    const struct dc_start *start,
                    const struct dc_report *report, int *pid,
                    struct dc_error *err)
{
  char file[DC_RUN_NAME_MAX + 8];
  struct dc_start chosen = *start;
  struct dc_error ignored; /* the first error is the one to tell */

  if (check_name (start->name, err) < 0)
    return -1;
  AUTO_CLOSE int dir = dc_statedir_open_folder (RUNNING, err);
  if (dir < 0)
    return -1;
  record_name (start->name, file);
  if (faccessat (dir, file, F_OK, 0) == 0)
    return dc_fail (err, DC_ERR_EXISTS,
                    "'%s' was started already; 'decant stop %s' stops it",
                    start->name, start->name);
  if (chosen.network == DC_NETWORK_AUTO)
    chosen.network = choose_network (report);
  if (runner->start (runner, &chosen, report, pid, err) < 0)
    return dc_context (err, "cannot start '%s'", start->name);
  if (write_record (dir, runner, start, *pid, err) == 0)
    return 0;
  (void) runner->stop (runner, start->name, report, &ignored);
  return -1;
}

int
dc_container_stop (const char *name, const struct dc_report *report,
                   struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (RECORD_SIZE_MAX);
  char file[DC_RUN_NAME_MAX + 8];
  const char *runner_name = NULL;
  const struct dc_runner *runner = NULL;
  json_auto_t *json = NULL;

  if (check_name (name, err) < 0)
    return -1;
  AUTO_CLOSE int dir = dc_statedir_open_folder (RUNNING, err);
  if (dir < 0)
    return -1;
  record_name (name, file);
  AUTO_CLOSE int fd = dc_file_open (dir, file, err);
  if (fd < 0)
    return err->code != DC_ERR_NOTFOUND
               ? -1
               : dc_fail (err, DC_ERR_NOTFOUND,
                          "decant has started no container '%s'", name);
  if (dc_file_read_all (fd, &text, err) < 0 ||
      dc_json_parse (dc_buffer_text (&text), text.size, file, &json, err) < 0 ||
      dc_json_unpack (json, file, err, "{s:s}", "runner", &runner_name) < 0 ||
      dc_runner_find (runner_name, &runner, err) < 0)
    return -1;
  if (runner->stop (runner, name, report, err) < 0)
    return dc_context (err, "cannot stop '%s'", name);
  if (unlinkat (dir, file, 0) < 0)
    return dc_fail_errno (err, "cannot remove the record of '%s'", name);
  return 0;
}
