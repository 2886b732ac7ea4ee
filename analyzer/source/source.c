/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/source/definition.h"
#include "analyzer/source/libvirt.h"
#include "analyzer/source/source.h"
#include "analyzer/source/sourceappliance.h"
#include "lib/confine.h"
#include "lib/disk/open.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "lib/tree/backends.h"

#define FD_MAX 256 /* descriptors of one worker */
#define FDS_OF_DISK DC_DISK_FD_MAX

struct dc_source {
  const struct kind *kind;
  struct dc_source_options options;
  char *path; /* of a folder or archive */
  int fd;     /* the same, open; -1 for disks */
  int spool;  /* for an archive's contents; -1 */
  struct dc_disk_source *disks[DC_GUEST_DISK_MAX];
  size_t disk_count;
  struct dc_definition *definition; /* NULL: there is none */
  struct dc_libvirt *libvirt;       /* NULL: it has nothing to do with it */
  bool is_checked;                  /* its digests were computed */
};

/* One kind of source.  open() works in the parent, tree() in the worker. */
struct kind {
  const char *prefix; /* "" for disks */
  const char *format; /* for the profile; NULL: each disk's own */
  int (*open) (struct dc_source *source, const char *const *names, size_t count,
               const struct dc_report *report, struct dc_error *err);
  int (*tree) (struct dc_source *source, const struct dc_report *report,
               struct dc_tree **tree, struct dc_guest **guest,
               struct dc_error *err);
  enum dc_definition_kind definition; /* of open_definition() */
};

static int
keep_path (struct dc_source *source, const char *const *names, size_t count,
           struct dc_error *err)
{
  if (count > 1)
    return dc_fail (err, DC_ERR_INVALID,
                    "only disks can be given together, '%s' cannot",
                    dc_quote (names[0]).text);
  source->path = strdup (names[0] + strlen (source->kind->prefix));
  return source->path != NULL ? 0 : dc_fail_errno (err, "cannot keep a path");
}

static int
open_dir (struct dc_source *source, const char *const *names, size_t count,
          const struct dc_report *report, struct dc_error *err)
{
  (void) report; /* nothing to say */
  if (keep_path (source, names, count, err) < 0)
    return -1;
  source->fd = open (source->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return source->fd >= 0 ? 0
                         : dc_fail_errno (err, "cannot open folder '%s'",
                                          dc_quote (source->path).text);
}

static int
dir_tree (struct dc_source *source, const struct dc_report *report,
          struct dc_tree **tree, struct dc_guest **guest, struct dc_error *err)
{
  (void) report; /* nothing to say */
  DC_AUTO (dc_tree) *dir = NULL;
  if (dc_tree_dir (source->fd, &dir, err) < 0 ||
      dc_guest_new ("dir", guest, err) < 0)
    return -1;
  *tree = DC_TAKE (dir);
  return 0;
}

static int
open_tar (struct dc_source *source, const char *const *names, size_t count,
          const struct dc_report *report, struct dc_error *err)
{
  (void) report; /* nothing to say */
  if (keep_path (source, names, count, err) < 0)
    return -1;
  source->fd = dc_file_open (AT_FDCWD, source->path, err);
  if (source->fd < 0)
    return -1;
  source->spool = dc_file_spool (err);
  return source->spool < 0 ? -1 : 0;
}

static int
tar_tree (struct dc_source *source, const struct dc_report *report,
          struct dc_tree **tree, struct dc_guest **guest, struct dc_error *err)
{
  (void) report; /* nothing to say */
  DC_AUTO (dc_tree) *tar = NULL;
  if (dc_tree_tar (source->fd, source->spool, &tar, err) < 0)
    return dc_context (err, "'%s'", dc_quote (source->path).text);
  if (dc_guest_new ("tar", guest, err) < 0)
    return -1;
  *tree = DC_TAKE (tar);
  return 0;
}

static int
refuse_folder (const char *name, struct dc_error *err)
{
  struct stat about;

  if (stat (name, &about) == 0 && S_ISDIR (about.st_mode))
    return dc_fail (err, DC_ERR_INVALID,
                    "'%s' is a folder; a root file system in it is 'dir:%s'",
                    dc_quote (name).text, dc_quote (name).text);
  return 0;
}

static int
open_disks (struct dc_source *source, const char *const *names, size_t count,
            const struct dc_report *report, struct dc_error *err)
{
  const struct dc_disk_options options = {
    .format = source->options.format,
    .allow_backing = source->options.allow_backing,
  };

  if (count > DC_GUEST_DISK_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%zu disks, limit %d", count,
                    DC_GUEST_DISK_MAX);
  for (size_t i = 0; i < count; i++) {
    if (refuse_folder (names[i], err) < 0 ||
        dc_disk_source_open (names[i], &options, report, &source->disks[i],
                             err) < 0)
      return -1;
    source->disk_count++;
  }
  return 0;
}

static int
add_defined_disk (struct dc_source *source, const char *path,
                  const struct dc_disk_options *options,
                  const struct dc_report *report, struct dc_error *err)
{
  if (source->disk_count == DC_GUEST_DISK_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d disks", DC_GUEST_DISK_MAX);
  if (dc_disk_source_open (path, options, report,
                           &source->disks[source->disk_count], err) < 0)
    return -1;
  source->disk_count++;
  return 0;
}

/* The same of a machine that runs, from its backup. */
static int
add_running_disk (struct dc_source *source, const char *path,
                  const char *target, const struct dc_disk_options *options,
                  const struct dc_report *report, struct dc_error *err)
{
  const struct dc_disk_remote remote = {
    .socket = dc_libvirt_socket (source->libvirt),
    .export = target,
    .name = path,
    .format = options->format,
  };

  if (source->disk_count == DC_GUEST_DISK_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d disks", DC_GUEST_DISK_MAX);
  if (dc_disk_source_remote (&remote, report,
                             &source->disks[source->disk_count], err) < 0)
    return -1;
  source->disk_count++;
  return 0;
}

/* The disks that the definition names. */
static int
open_defined_disks (struct dc_source *source, const struct dc_report *report,
                    struct dc_error *err)
{
  const bool is_running =
      source->libvirt != NULL && dc_libvirt_socket (source->libvirt) != NULL;
  const char *path = NULL, *target = NULL;
  int status = 0;

  for (size_t i = 0; status >= 0; i++) {
    struct dc_disk_options options = {
      .format = source->options.format,
      .allow_backing = source->options.allow_backing,
    };
    status = dc_definition_disk (source->definition, i, &path, &target,
                                 &options, err);
    if (status == 0)
      break;
    if (status > 0)
      status =
          is_running
              ? add_running_disk (source, path, target, &options, report, err)
              : add_defined_disk (source, path, &options, report, err);
  }
  if (status == 0 && source->disk_count == 0)
    return dc_fail (err, DC_ERR_NOTFOUND,
                    "'%s': the machine's disks are all empty",
                    dc_quote (source->path).text);
  return status;
}

static int
open_definition (struct dc_source *source, const char *const *names,
                 size_t count, const struct dc_report *report,
                 struct dc_error *err)
{
  if (keep_path (source, names, count, err) < 0 ||
      dc_definition_open (source->path, source->kind->definition,
                          source->options.allow_backing, report,
                          &source->definition, err) < 0)
    return -1;
  return open_defined_disks (source, report, err);
}

static int
open_libvirt (struct dc_source *source, const char *const *names, size_t count,
              const struct dc_report *report, struct dc_error *err)
{
  if (keep_path (source, names, count, err) < 0)
    return -1;
  const char *name = source->path;
  if (dc_libvirt_open (source->options.libvirt_uri, name, &source->libvirt,
                       err) < 0)
    return -1;
  const char *xml = dc_libvirt_xml (source->libvirt);
  if (dc_definition_parse (names[0], DC_DEFINITION_DOMAIN, xml, strlen (xml),
                           report, &source->definition, err) < 0)
    return -1;
  if (dc_libvirt_is_active (source->libvirt) &&
      dc_libvirt_freeze (source->libvirt,
                         dc_definition_machine (source->definition), report,
                         err) < 0)
    return dc_context (err, "'%s'", dc_quote (name).text);
  return open_defined_disks (source, report, err);
}

static int
disks_tree (struct dc_source *source, const struct dc_report *report,
            struct dc_tree **tree, struct dc_guest **guest,
            struct dc_error *err)
{
  /* The worker's end releases them; the tree reads from them until then. */
  struct dc_disk *disks[DC_GUEST_DISK_MAX];

  for (size_t i = 0; i < source->disk_count; i++)
    if (dc_disk_source_attach (source->disks[i], &disks[i], err) < 0)
      return dc_context (
          err, "'%s'", dc_quote (dc_disk_source_path (source->disks[i])).text);
  return dc_guest_open (disks, source->disk_count, source->options.root, report,
                        tree, guest, err);
}

/* The last one takes every name. */
static const struct kind kinds[] = {
  { "dir:", "dir", open_dir, dir_tree, 0 },
  { "tar:", "tar", open_tar, tar_tree, 0 },
  { "ova:", NULL, open_definition, disks_tree, DC_DEFINITION_OVA },
  { "vmx:", NULL, open_definition, disks_tree, DC_DEFINITION_VMX },
  { "libvirt:", NULL, open_libvirt, disks_tree, DC_DEFINITION_DOMAIN },
  { "", NULL, open_disks, disks_tree, 0 },
};

int
dc_source_open (const char *const *names, size_t count,
                const struct dc_source_options *options,
                const struct dc_report *report, struct dc_source **out,
                struct dc_error *err)
{
  DC_AUTO (dc_source) *source = calloc (1, sizeof *source);
  size_t i = 0;

  if (source == NULL)
    return dc_fail_errno (err, "cannot keep a source");
  source->options = *options;
  source->fd = source->spool = -1;
  while (strncmp (names[0], kinds[i].prefix, strlen (kinds[i].prefix)) != 0)
    i++;
  source->kind = &kinds[i];
  if (source->kind->open (source, names, count, report, err) < 0)
    return -1;
  *out = DC_TAKE (source);
  return 0;
}

struct task {
  struct dc_source *source;
  const struct dc_source_work *work;
};

static void
describe_machine (const struct dc_source *source, struct dc_guest *guest)
{
  if (source->definition != NULL)
    guest->machine = json_incref (dc_definition_machine (source->definition));
}

static int
work_on_tree (void *arg, const struct dc_report *report, json_t **result,
              struct dc_error *err)
{
  const struct task *task = arg;
  DC_AUTO (dc_tree) *tree = NULL;
  struct dc_guest *guest = NULL;

  if (task->source->kind->tree (task->source, report, &tree, &guest, err) < 0)
    return -1;
  describe_machine (task->source, guest);
  return task->work->run (task->work->arg, tree, guest, report, result, err);
}

static int
gather_fds (const struct dc_source *source, const struct dc_source_work *work,
            const struct dc_report *report, int fds[FD_MAX], size_t *count,
            struct dc_error *err)
{
  const size_t own = source->disk_count * FDS_OF_DISK + 2;

  if (work->keep_fd_count + own > FD_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "too many descriptors for one worker");
  *count = 0;
  for (size_t i = 0; i < work->keep_fd_count; i++)
    fds[(*count)++] = work->keep_fds[i];
  for (size_t i = 0; i < source->disk_count; i++) {
    size_t of_disk = 0;
    if (dc_disk_source_fds (source->disks[i], report, fds + *count, &of_disk,
                            err) < 0)
      return -1;
    *count += of_disk;
  }
  if (source->fd >= 0)
    fds[(*count)++] = source->fd;
  if (source->spool >= 0)
    fds[(*count)++] = source->spool;
  return 0;
}

/* In one confined worker. */
static int
run_here (struct task *task, const struct dc_report *report, json_t **result,
          struct dc_error *err)
{
  const struct dc_source *source = task->source;
  int fds[FD_MAX];
  size_t count = 0;

  if (gather_fds (task->source, task->work, report, fds, &count, err) < 0)
    return -1;
  const bool is_dir = source->kind->tree == dir_tree;
  const struct dc_confine confine = {
    .name = task->work->name,
    .keep_fds = fds,
    .keep_fd_count = count,
    .read_dirs = &source->fd,
    .read_dir_count = is_dir ? 1 : 0,
  };
  return dc_confined (&confine, work_on_tree, task, report, result, err);
}

static struct dc_sourceappliance
appliance_guest (const struct dc_source *source)
{
  return (struct dc_sourceappliance){
    .disks = source->disks,
    .disk_count = source->disk_count,
    .root = source->options.root,
    .key_file = source->options.key_file,
    .machine = source->definition != NULL
                   ? dc_definition_machine (source->definition)
                   : NULL,
  };
}

static int
run_with_appliance (const struct dc_source *source,
                    const struct dc_source_work *work,
                    const struct dc_report *report, json_t **result,
                    struct dc_error *err)
{
  const struct dc_sourceappliance guest = appliance_guest (source);

  return dc_sourceappliance_run (&guest, work, report, result, err);
}

/* Would the appliance get further than we did? */
static bool
wants_appliance (const struct dc_source *source, const struct dc_error *err)
{
  return source->disk_count > 0 && source->options.backend != DC_BACKEND_OWN &&
         (err->code == DC_ERR_APPLIANCE ||
          (err->code == DC_ERR_ENCRYPTED && source->options.key_file != NULL));
}

static int
run (struct dc_source *source, const struct dc_source_work *work,
     const struct dc_report *report, json_t **result, struct dc_error *err)
{
  struct task task = { source, work };

  *result = NULL;
  if (source->options.backend == DC_BACKEND_APPLIANCE && source->disk_count > 0)
    return run_with_appliance (source, work, report, result, err);
  if (run_here (&task, report, result, err) == 0)
    return 0;
  if (!wants_appliance (source, err))
    return -1;
  dc_info (report, "%s: reading with the libguestfs appliance", err->text);
  return run_with_appliance (source, work, report, result, err);
}

/* What a wrong digest makes of a result, and of a failure: the reason. */
static int
wait_for_check (struct dc_worker *checker, int status,
                const struct dc_report *report, json_t **result,
                struct dc_error *err)
{
  json_auto_t *nothing = NULL;
  struct dc_error why;

  if (status < 0 && err->code == DC_ERR_CANCELLED)
    return status;
  if (dc_worker_wait (checker, report, &nothing, &why) == 0)
    return status;
  json_decref (*result);
  *result = NULL;
  *err = why;
  return -1;
}

int
dc_source_run (struct dc_source *source, const struct dc_source_work *work,
               const struct dc_report *report, json_t **result,
               struct dc_error *err)
{
  DC_AUTO (dc_worker) *checker = NULL;

  if (source->definition != NULL && !source->is_checked &&
      dc_definition_check (source->definition, report, &checker, err) < 0)
    return -1;
  const int status = run (source, work, report, result, err);
  if (checker == NULL)
    return status;
  source->is_checked = true;
  return wait_for_check (checker, status, report, result, err);
}

bool
dc_source_can_share (const struct dc_source *source)
{
  return source->disk_count > 0 && source->libvirt == NULL &&
         source->options.key_file == NULL;
}

int
dc_source_disks (struct dc_source *source, struct dc_disk_source *const **disks,
                 size_t *count, struct dc_error *err)
{
  if (source->disk_count == 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "a folder or an archive cannot be booted, only disks");
  *disks = source->disks;
  *count = source->disk_count;
  return 0;
}

/* Before the appliance starts, which reads them one after the other. */
static int
check_digests (struct dc_source *source, const struct dc_report *report,
               struct dc_error *err)
{
  DC_AUTO (dc_worker) *checker = NULL;
  json_auto_t *nothing = NULL;

  if (source->definition == NULL || source->is_checked)
    return 0;
  if (dc_definition_check (source->definition, report, &checker, err) < 0)
    return -1;
  if (checker != NULL && dc_worker_wait (checker, report, &nothing, err) < 0)
    return -1;
  source->is_checked = true;
  return 0;
}

int
dc_source_run_together (struct dc_source *const *sources, size_t count,
                        const struct dc_source_work *work,
                        const struct dc_source_sink *sink,
                        const struct dc_report *report, struct dc_error *err)
{
  AUTO_FREE struct dc_sourceappliance *guests = calloc (count, sizeof *guests);

  if (guests == NULL)
    return dc_fail_errno (err, "cannot keep %zu sources", count);
  for (size_t i = 0; i < count; i++) {
    if (check_digests (sources[i], report, err) < 0)
      return -1;
    guests[i] = appliance_guest (sources[i]);
  }
  return dc_sourceappliance_run_all (guests, count, work, sink, report, err);
}

int
dc_source_json (const struct dc_source *source, json_t **out,
                struct dc_error *err)
{
  json_auto_t *list = json_array ();
  const size_t count = source->disk_count > 0 ? source->disk_count : 1;
  for (size_t i = 0; i < count; i++) {
    const bool is_disk = source->disk_count > 0;
    const char *path =
        is_disk ? dc_disk_source_path (source->disks[i]) : source->path;
    const char *format = is_disk ? dc_disk_source_format (source->disks[i])
                                 : source->kind->format;
    if (json_array_append_new (list, json_pack ("{s:o, s:s}", "path",
                                                dc_json_bytes (path), "format",
                                                format)) < 0)
      return dc_json_no_memory (err);
  }
  *out = json_incref (list);
  return 0;
}

void
dc_source_free (struct dc_source *source)
{
  if (source == NULL)
    return;
  for (size_t i = 0; i < source->disk_count; i++)
    dc_disk_source_free (source->disks[i]);
  if (source->fd >= 0)
    (void) close (source->fd); /* only read */
  if (source->spool >= 0)
    (void) close (source->spool);    /* vanishes with this */
  dc_libvirt_free (source->libvirt); /* nobody reads from it any more */
  dc_definition_free (source->definition);
  free (source->path);
  free (source);
}
