/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/buffer.h"
#include "lib/disk/chain.h"
#include "lib/disk/extents.h"
#include "lib/disk/map.h"
#include "lib/disk/nbd.h"
#include "lib/disk/open.h"
#include "lib/disk/qemu.h"
#include "lib/disk/server.h"
#include "lib/quote.h"

#define SECTOR ((uint64_t) 512)
/* Of at most DC_NBD_CONNECTION_MAX; measured: more gain nothing. */
#define CONNECTIONS 2

/* How a worker reads the disk. */
enum way {
  WAY_RAW, /* the bytes of the file */
  WAY_MAP, /* the bytes of the files, where QEMU's map says */
  WAY_NBD, /* what qemu-nbd sends */
};

struct dc_disk_source {
  enum way way;
  struct dc_chain *chain;
  struct dc_qemu *qemu;
  struct dc_buffer map;
  struct dc_server *server; /* NULL until it is needed */
  char *socket, *export;    /* of another program's server; NULL */
  int connections[CONNECTIONS];
  bool are_used; /* a worker may have shaken hands on them */
};

static const struct dc_chain_link *
first_link (const struct dc_disk_source *source)
{
  return &source->chain->links[0];
}

/* Does QEMU's map of such a link say where the bytes are in its file?  VHDX
 * gives no places, and of extents it does not say which.
 */
static bool
has_places (const struct dc_chain_link *link)
{
  static const bool formats[] = {
    [DC_FORMAT_RAW] = true,  [DC_FORMAT_QCOW] = true, [DC_FORMAT_QCOW2] = true,
    [DC_FORMAT_VMDK] = true, [DC_FORMAT_VDI] = true,  [DC_FORMAT_VHDX] = false,
    [DC_FORMAT_VPC] = true,
  };

  return formats[link->header->format] && link->other_count == 0;
}

static bool
can_be_mapped (const struct dc_chain *chain)
{
  if (chain->count > DC_DISK_FD_MAX)
    return false;
  for (size_t i = 0; i < chain->count; i++)
    if (!has_places (&chain->links[i]))
      return false;
  return true;
}

/* 1 mapped, 0 it is not that simple, -1.  A map that is too long, or takes
 * too long, is no harm; what is wrong with the file qemu-nbd says as well.
 */
static int
try_map (struct dc_disk_source *source, const struct dc_report *report,
         struct dc_error *err)
{
  if (!can_be_mapped (source->chain))
    return 0;
  if (dc_qemu_map (source->qemu, report, &source->map, err) < 0)
    return err->code == DC_ERR_LIMIT || err->code == DC_ERR_TOOL ? 0 : -1;
  return dc_map_is_direct (source->map.data, source->map.size,
                           source->chain->count);
}

static void
close_connections (struct dc_disk_source *source)
{
  for (size_t i = 0; i < CONNECTIONS; i++) {
    dc_close_auto (&source->connections[i]);
    source->connections[i] = -1;
  }
}

/* To another program's server. */
static int
connect_remote (const char *path, int *out, struct dc_error *err)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  AUTO_CLOSE int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return dc_fail_errno (err, "cannot make a socket");
  if (strlen (path) >= sizeof address.sun_path)
    return dc_fail (err, DC_ERR_LIMIT, "the socket's path is too long");
  memcpy (address.sun_path, path, strlen (path));
  if (connect (fd, (const struct sockaddr *) &address, sizeof address) < 0)
    return dc_fail_errno (err, "cannot connect to '%s'", dc_quote (path).text);
  *out = DC_TAKE_FD (fd);
  return 0;
}

static int
renew_connections (struct dc_disk_source *source,
                   const struct dc_report *report, struct dc_error *err)
{
  close_connections (source);
  source->are_used = false;
  for (size_t i = 0; i < CONNECTIONS; i++)
    if (source->socket != NULL
            ? connect_remote (source->socket, &source->connections[i], err) < 0
            : dc_server_connect (source->server, report,
                                 &source->connections[i], err) < 0)
      return -1;
  return 0;
}

static int
start_server (struct dc_disk_source *source, const struct dc_report *report,
              struct dc_error *err)
{
  source->way = WAY_NBD;
  dc_buffer_release (&source->map);
  if (dc_server_start (source->qemu, &source->server, err) < 0)
    return -1;
  return renew_connections (source, report, err);
}

static int
find_way (struct dc_disk_source *source, const struct dc_disk_options *options,
          const struct dc_report *report, struct dc_error *err)
{
  const bool wants_nbd = options->access == DC_DISK_ALWAYS_NBD;

  if (first_link (source)->header->format == DC_FORMAT_RAW && !wants_nbd) {
    source->way = WAY_RAW;
    return 0;
  }
  source->way = WAY_MAP;
  const int mapped = wants_nbd ? 0 : try_map (source, report, err);
  if (mapped != 0)
    return mapped < 0 ? -1 : 0;
  return start_server (source, report, err);
}

int
dc_disk_source_open (const char *path, const struct dc_disk_options *options,
                     const struct dc_report *report,
                     struct dc_disk_source **out, struct dc_error *err)
{
  DC_AUTO (dc_disk_source) *source = calloc (1, sizeof *source);

  if (source == NULL)
    return dc_fail_errno (err, "cannot keep a disk");
  source->map = (struct dc_buffer) DC_BUFFER_INIT (DC_MAP_TEXT_MAX);
  for (size_t i = 0; i < CONNECTIONS; i++)
    source->connections[i] = -1;
  if (dc_chain_open (path, options, report, &source->chain, err) < 0)
    return -1;
  if (dc_qemu_describe (source->chain, &source->qemu, err) < 0 ||
      find_way (source, options, report, err) < 0)
    return dc_context (err, "'%s'",
                       dc_quote (first_link (source)->file.name).text);
  *out = DC_TAKE (source);
  return 0;
}

/* A chain of one file that is not here. */
static int
pretend_chain (const struct dc_disk_remote *remote, struct dc_chain **out,
               struct dc_error *err)
{
  DC_AUTO (dc_chain) *chain = calloc (1, sizeof *chain);

  if (chain == NULL)
    return dc_fail_errno (err, "cannot keep a disk");
  struct dc_chain_link *link = &chain->links[0];
  chain->count = 1;
  link->file.fd = -1;
  link->file.size = UINT64_MAX; /* as long as the server says */
  link->file.name = strdup (remote->name);
  link->header = calloc (1, sizeof *link->header);
  if (link->file.name == NULL || link->header == NULL)
    return dc_fail_errno (err, "cannot keep a disk");
  if (remote->format != NULL &&
      dc_format_parse (remote->format, &link->header->format, err) < 0)
    return -1;
  *out = DC_TAKE (chain);
  return 0;
}

int
dc_disk_source_remote (const struct dc_disk_remote *remote,
                       const struct dc_report *report,
                       struct dc_disk_source **out, struct dc_error *err)
{
  DC_AUTO (dc_disk_source) *source = calloc (1, sizeof *source);

  if (source == NULL)
    return dc_fail_errno (err, "cannot keep a disk");
  source->map = (struct dc_buffer) DC_BUFFER_INIT (DC_MAP_TEXT_MAX);
  for (size_t i = 0; i < CONNECTIONS; i++)
    source->connections[i] = -1;
  source->way = WAY_NBD;
  source->socket = strdup (remote->socket);
  source->export = strdup (remote->export);
  if (source->socket == NULL || source->export == NULL)
    return dc_fail_errno (err, "cannot keep a disk");
  if (pretend_chain (remote, &source->chain, err) < 0 ||
      renew_connections (source, report, err) < 0)
    return dc_context (err, "'%s'", dc_quote (remote->name).text);
  *out = DC_TAKE (source);
  return 0;
}

int
dc_disk_source_fds (struct dc_disk_source *source,
                    const struct dc_report *report, int *fds, size_t *count,
                    struct dc_error *err)
{
  size_t used = 0;

  if (source->way == WAY_NBD) {
    if (source->are_used && renew_connections (source, report, err) < 0)
      return dc_context (err, "'%s'",
                         dc_quote (first_link (source)->file.name).text);
    source->are_used = true;
    for (; used < CONNECTIONS; used++)
      fds[used] = source->connections[used];
  } else {
    for (; used < source->chain->count; used++)
      fds[used] = source->chain->links[used].file.fd;
  }
  assert (used <= DC_DISK_FD_MAX);
  *count = used;
  return 0;
}

/* Of whole sectors, as a guest sees them. */
static uint64_t
raw_size (const struct dc_disk_source *source)
{
  const uint64_t size = first_link (source)->file.size;

  return size - size % SECTOR;
}

static int
attach_raw (struct dc_disk_source *source, struct dc_disk **out,
            struct dc_error *err)
{
  const uint64_t size = raw_size (source);
  struct dc_extent *item = calloc (1, sizeof *item);

  if (item == NULL)
    return dc_fail_errno (err, "cannot keep a disk");
  *item = (struct dc_extent){ .size = size,
                              .offset = first_link (source)->file.offset,
                              .fd = first_link (source)->file.fd };
  return dc_extents_disk (item, 1, size, out, err);
}

static int
attach_map (struct dc_disk_source *source, struct dc_disk **out,
            struct dc_error *err)
{
  struct dc_window files[DC_DISK_FD_MAX];
  const struct dc_chain *chain = source->chain;

  for (size_t i = 0; i < chain->count; i++)
    files[i] = dc_policy_window (&chain->links[i].file);
  return dc_map_disk (source->map.data, source->map.size, files, chain->count,
                      out, err);
}

static int
attach_nbd (struct dc_disk_source *source, struct dc_disk **out,
            struct dc_error *err)
{
  DC_AUTO (dc_disk) *disk = NULL;

  const char *name = source->export != NULL ? source->export : "";
  if (dc_nbd_disk (source->connections, CONNECTIONS, name, &disk, err) < 0)
    return -1;
  /* QEMU adds to a raw file what lacks of its last sector. */
  if (first_link (source)->header->format == DC_FORMAT_RAW &&
      disk->size > raw_size (source))
    disk->size = raw_size (source);
  *out = DC_TAKE (disk);
  return 0;
}

int
dc_disk_source_attach (struct dc_disk_source *source, struct dc_disk **out,
                       struct dc_error *err)
{
  static int (*const ways[]) (struct dc_disk_source * source,
                              struct dc_disk * *out, struct dc_error * err) = {
    [WAY_RAW] = attach_raw, [WAY_MAP] = attach_map, [WAY_NBD] = attach_nbd
  };

  if (ways[source->way](source, out, err) < 0)
    return dc_context (err, "'%s'",
                       dc_quote (first_link (source)->file.name).text);
  return 0;
}

int
dc_disk_source_export (struct dc_disk_source *source,
                       const struct dc_report *report,
                       struct dc_disk_export *out, struct dc_error *err)
{
  AUTO_CLOSE int probe = -1;

  if (source->way == WAY_RAW && !first_link (source)->file.is_member) {
    *out = (struct dc_disk_export){ DC_DISK_EXPORT_RAW,
                                    first_link (source)->file.path, "" };
    return 0;
  }
  if (source->socket != NULL) {
    *out = (struct dc_disk_export){ DC_DISK_EXPORT_NBD, source->socket,
                                    source->export };
    return 0;
  }
  if (source->server == NULL) {
    DC_AUTO (dc_server) *server = NULL;
    if (dc_server_start (source->qemu, &server, err) < 0 ||
        dc_server_connect (server, report, &probe, err) < 0)
      return dc_context (err, "'%s'",
                         dc_quote (first_link (source)->file.name).text);
    source->server = DC_TAKE (server);
  }
  *out = (struct dc_disk_export){ DC_DISK_EXPORT_NBD,
                                  dc_server_socket (source->server), "" };
  return 0;
}

const char *
dc_disk_source_path (const struct dc_disk_source *source)
{
  return first_link (source)->file.name;
}

const char *
dc_disk_source_format (const struct dc_disk_source *source)
{
  return dc_format_name (first_link (source)->header->format);
}

void
dc_disk_source_free (struct dc_disk_source *source)
{
  if (source == NULL)
    return;
  close_connections (source);
  dc_server_free (source->server);
  free (source->socket);
  free (source->export);
  dc_buffer_release (&source->map);
  dc_qemu_free (source->qemu);
  dc_chain_free (source->chain);
  free (source);
}
