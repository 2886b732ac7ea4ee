/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/source/libvirt.h"
#include "lib/buffer.h"
#include "lib/file.h"
#include "lib/quote.h"
#include "lib/text.h"

#define FOLDER_NAME "decant-backup-"
#define FOLDER "/var/tmp/" FOLDER_NAME
#define ABANDONED_S 60
#define BEGIN_TRIES 20 /* five seconds */
#define BEGIN_PAUSE_NS 250000000
#define BACKUP_SIZE_MAX ((size_t) 256 * 1024) /* bytes of XML */
#define TARGET_BYTES                                                           \
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct dc_libvirt {
  virConnectPtr connection;
  virDomainPtr domain;
  char *xml;
  bool is_active;
  /* Of a backup under way: a folder with the socket and what is kept aside.
   * Its descriptor holds a lock as long as we live.
   */
  char *folder;
  int folder_fd;
  char *socket;
  bool has_begun;
};

/* libvirt prints what fails, unless somebody listens. */
static void
ignore_error (void *arg, virErrorPtr error)
{
  (void) arg;
  (void) error; /* it is asked for where the call returns */
}

static int
fail_libvirt (struct dc_error *err, enum dc_code code, const char *what)
{
  const char *reason = virGetLastErrorMessage ();

  return dc_fail (err, code, "%s: %s", what,
                  dc_quote (reason != NULL ? reason : "no reason").text);
}

/* "qemu+ssh://host/system" has a host. */
static int
check_is_local (const char *uri, struct dc_error *err)
{
  const char *host = uri == NULL ? NULL : strstr (uri, "://");

  if (host == NULL || host[3] == '/' || host[3] == '\0')
    return 0;
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "libvirt '%s' is on another host, whose disks cannot be read "
                  "from here",
                  dc_quote (uri).text);
}

/* What the user did not say, a configuration of libvirt's may. */
static int
check_connection (virConnectPtr connection, struct dc_error *err)
{
  AUTO_FREE char *uri = virConnectGetURI (connection);

  return uri != NULL ? check_is_local (uri, err)
                     : fail_libvirt (err, DC_ERR_TOOL,
                                     "cannot ask libvirt where it is");
}

static int
find_domain (struct dc_libvirt *libvirt, const char *name, struct dc_error *err)
{
  libvirt->domain = virDomainLookupByName (libvirt->connection, name);
  if (libvirt->domain == NULL)
    libvirt->domain = virDomainLookupByUUIDString (libvirt->connection, name);
  if (libvirt->domain == NULL)
    return dc_fail (err, DC_ERR_NOTFOUND, "libvirt has no machine '%s'",
                    dc_quote (name).text);
  const int active = virDomainIsActive (libvirt->domain);
  if (active < 0)
    return fail_libvirt (err, DC_ERR_TOOL, "cannot ask whether it runs");
  libvirt->is_active = active == 1;
  libvirt->xml = virDomainGetXMLDesc (
      libvirt->domain, libvirt->is_active ? 0 : VIR_DOMAIN_XML_INACTIVE);
  return libvirt->xml != NULL
             ? 0
             : fail_libvirt (err, DC_ERR_TOOL, "cannot ask for its definition");
}

int
dc_libvirt_open (const char *uri, const char *domain, struct dc_libvirt **out,
                 struct dc_error *err)
{
  DC_AUTO (dc_libvirt) *libvirt = calloc (1, sizeof *libvirt);

  if (libvirt == NULL)
    return dc_fail_errno (err, "cannot keep a machine");
  libvirt->folder_fd = -1;
  if (check_is_local (uri, err) < 0)
    return -1;
  virSetErrorFunc (NULL, ignore_error);
  /* A shut-off machine needs no right to change anything, a backup does. */
  libvirt->connection = virConnectOpen (uri);
  if (libvirt->connection == NULL)
    return fail_libvirt (err, DC_ERR_TOOL, "cannot talk to libvirt");
  if (check_connection (libvirt->connection, err) < 0 ||
      find_domain (libvirt, domain, err) < 0)
    return -1;
  *out = DC_TAKE (libvirt);
  return 0;
}

const char *
dc_libvirt_xml (const struct dc_libvirt *libvirt)
{
  return libvirt->xml;
}

bool
dc_libvirt_is_active (const struct dc_libvirt *libvirt)
{
  return libvirt->is_active;
}

const char *
dc_libvirt_socket (const struct dc_libvirt *libvirt)
{
  return libvirt->has_begun ? libvirt->socket : NULL;
}

/* Remove FOLDER and what is in it; only our own kind of name. */
static void
remove_folder (const char *folder)
{
  struct dc_error ignored; /* what is left costs space only, and is named so */

  AUTO_CLOSE int fd = open ("/var/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && strncmp (folder, FOLDER, strlen (FOLDER)) == 0)
    (void) dc_file_remove_tree (fd, folder + strlen ("/var/tmp/"), &ignored);
}

/* Is NAME in DIR_FD a folder of ours that nobody has been using for long?  A
 * young one may be about to be locked.
 */
static bool
is_abandoned (int dir_fd, const char *name)
{
  struct stat about;

  if (strncmp (name, FOLDER_NAME, strlen (FOLDER_NAME)) != 0 ||
      fstatat (dir_fd, name, &about, AT_SYMLINK_NOFOLLOW) < 0 ||
      !S_ISDIR (about.st_mode) || about.st_uid != geteuid () ||
      time (NULL) - about.st_mtime < ABANDONED_S)
    return false;
  AUTO_CLOSE int fd =
      openat (dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0;
}

/* Remove what runs that were killed have left.  QEMU does not mind: it has
 * its files open.
 */
static void
sweep (void)
{
  struct dc_error ignored; /* as above */
  DIR *dir = opendir ("/var/tmp");

  for (const struct dirent *entry = dir == NULL ? NULL : readdir (dir);
       entry != NULL; entry = readdir (dir))
    if (is_abandoned (dirfd (dir), entry->d_name))
      (void) dc_file_remove_tree (dirfd (dir), entry->d_name, &ignored);
  if (dir != NULL)
    (void) closedir (dir); /* only read */
}

/* The folder of a backup of ours, in the XML of one that is under way. */
static char *
find_folder (const char *xml)
{
  const char *start = strstr (xml, "socket='" FOLDER);

  if (start == NULL)
    return NULL;
  start += strlen ("socket='");
  return strndup (start, strlen (FOLDER) +
                             strspn (start + strlen (FOLDER), TARGET_BYTES));
}

/* End a backup of a run that was killed: nobody locks its folder any more.
 * True when there was a backup of ours, ended or not.
 */
static bool
end_forgotten (const struct dc_libvirt *libvirt, const struct dc_report *report)
{
  AUTO_FREE char *xml = virDomainBackupGetXMLDesc (libvirt->domain, 0);
  AUTO_FREE char *folder = xml == NULL ? NULL : find_folder (xml);

  if (folder == NULL)
    return false;
  AUTO_CLOSE int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if ((fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) < 0) ||
      virDomainAbortJob (libvirt->domain) < 0)
    return true;
  dc_warn (report,
           "a run that was killed had left a backup of '%s' under way, ended "
           "it",
           dc_quote (virDomainGetName (libvirt->domain)).text);
  remove_folder (folder);
  return true;
}

/* QEMU makes the socket and libvirt the files, as other users perhaps; nobody
 * can list the folder, whose name cannot be guessed.
 */
static int
make_folder (struct dc_libvirt *libvirt, struct dc_error *err)
{
  char name[] = FOLDER "XXXXXX";

  sweep ();
  if (mkdtemp (name) == NULL)
    return dc_fail_errno (err, "cannot make a folder in /var/tmp");
  libvirt->folder = strdup (name);
  if (libvirt->folder == NULL) {
    (void) rmdir (name); /* it is empty */
    return dc_fail_errno (err, "cannot keep a name");
  }
  libvirt->folder_fd = open (name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (libvirt->folder_fd < 0 || flock (libvirt->folder_fd, LOCK_EX) < 0 ||
      fchmod (libvirt->folder_fd,
              S_IRWXU | S_IWGRP | S_IXGRP | S_IWOTH | S_IXOTH | S_ISVTX) < 0)
    return dc_fail_errno (err, "cannot use the folder '%s'", name);
  return dc_text_print (&libvirt->socket, err, "%s/nbd", name);
}

/* Only names that need no care in XML and in paths: all that libvirt gives. */
static int
add_disk (const struct dc_libvirt *libvirt, const char *target,
          struct dc_buffer *xml, struct dc_error *err)
{
  if (target == NULL || target[0] == '\0' ||
      target[strspn (target, TARGET_BYTES)] != '\0')
    return dc_fail (err, DC_ERR_UNSUPPORTED, "'%s' is no name of a disk",
                    dc_quote (target != NULL ? target : "").text);
  return dc_buffer_print (xml, err,
                          "<disk name='%s' backup='yes' type='file' "
                          "exportname='%s'><scratch file='%s/%s'/></disk>",
                          target, target, libvirt->folder, target);
}

static int
describe_backup (const struct dc_libvirt *libvirt, const json_t *machine,
                 struct dc_buffer *xml, struct dc_error *err)
{
  const json_t *disks = json_object_get (machine, "disks");

  if (dc_buffer_print (xml, err,
                       "<domainbackup mode='pull'><server transport='unix' "
                       "socket='%s'/><disks>",
                       libvirt->socket) < 0)
    return -1;
  for (size_t i = 0; i < json_array_size (disks); i++) {
    const json_t *disk = json_array_get (disks, i);
    if (json_is_string (json_object_get (disk, "file")) &&
        add_disk (libvirt, json_string_value (json_object_get (disk, "target")),
                  xml, err) < 0)
      return -1;
  }
  return dc_buffer_print (xml, err, "</disks></domainbackup>");
}

/* libvirt would wait half a minute for a backup that never ends.  That of a
 * run killed a moment ago may still be beginning there, and its helpers may
 * still hold the lock.
 */
static int
begin (struct dc_libvirt *libvirt, const char *xml,
       const struct dc_report *report, struct dc_error *err)
{
  const struct timespec pause = { .tv_nsec = BEGIN_PAUSE_NS };

  (void) end_forgotten (libvirt, report);
  for (int tries = 0; tries < BEGIN_TRIES; tries++) {
    if (virDomainBackupBegin (libvirt->domain, xml, NULL, 0) >= 0) {
      libvirt->has_begun = true;
      return 0;
    }
    (void) fail_libvirt (err, DC_ERR_TOOL,
                         "it runs, and no backup of it can begin");
    if (!end_forgotten (libvirt, report))
      return -1;
    (void) nanosleep (&pause, NULL); /* early is harmless */
  }
  return -1;
}

int
dc_libvirt_freeze (struct dc_libvirt *libvirt, const json_t *machine,
                   const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer xml = DC_BUFFER_INIT (BACKUP_SIZE_MAX);
  const char *name = virDomainGetName (libvirt->domain);

  if (make_folder (libvirt, err) < 0 ||
      describe_backup (libvirt, machine, &xml, err) < 0)
    return -1;
  const bool is_quiet = virDomainFSFreeze (libvirt->domain, NULL, 0, 0) >= 0;
  const int status = begin (libvirt, dc_buffer_text (&xml), report, err);
  if (is_quiet && virDomainFSThaw (libvirt->domain, NULL, 0, 0) < 0)
    dc_warn (report,
             "the file systems of '%s' are still frozen, going on; say 'virsh "
             "domfsthaw'",
             dc_quote (name).text);
  if (status == 0 && !is_quiet)
    dc_info (report,
             "'%s' runs and has no guest agent that answers: it is read as if "
             "its power had failed",
             dc_quote (name).text);
  return status;
}

void
dc_libvirt_free (struct dc_libvirt *libvirt)
{
  if (libvirt == NULL)
    return;
  if (libvirt->has_begun)
    (void) virDomainAbortJob (libvirt->domain); /* ended with the guest */
  if (libvirt->folder != NULL)
    remove_folder (libvirt->folder);
  dc_close_auto (&libvirt->folder_fd);
  free (libvirt->folder);
  free (libvirt->socket);
  free (libvirt->xml);
  if (libvirt->domain != NULL)
    (void) virDomainFree (libvirt->domain); /* only released */
  if (libvirt->connection != NULL)
    (void) virConnectClose (libvirt->connection); /* nothing to save */
  free (libvirt);
}
