/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <libnbd.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/disk/nbd.h"

#define SECTOR ((uint64_t) 512)
#define REQUEST_SIZE ((size_t) 64 * 1024) /* bytes; larger was slower */
#define IN_FLIGHT_MAX 16                  /* of one connection */
#define SILENCE_MAX_MS (120 * 1000)       /* a slow medium; then it is broken */

struct connection {
  struct nbd_handle *handle;
  unsigned in_flight;
  int error; /* errno of a request that failed, 0: none */
};

struct nbd {
  struct dc_disk disk; /* first: the caller sees this */
  struct connection connections[DC_NBD_CONNECTION_MAX];
  size_t count;
  uint64_t block_size;  /* all requests are multiples of it */
  uint64_t export_size; /* bytes, as the server has it */
  bool is_broken;
};

/* What of a batch has not been asked for yet. */
struct batch {
  const struct dc_disk_read *reads;
  size_t count;
  size_t done; /* bytes of the first of them */
};

static int
fail_nbd (struct dc_error *err, const char *what)
{
  const char *why = nbd_get_error ();

  return why == NULL ? dc_fail (err, DC_ERR_SYSTEM, "%s", what)
                     : dc_fail (err, DC_ERR_SYSTEM, "%s: %s", what, why);
}

/* Called by libnbd when a request is done or given up; *ERROR is its errno. */
static int
on_completion (void *self, int *error)
{
  struct connection *connection = self;

  connection->in_flight--;
  if (*error != 0 && connection->error == 0)
    connection->error = *error;
  return 1; /* libnbd may forget the request */
}

/* The next piece of the batch. */
static int
ask (struct connection *connection, struct batch *batch, struct dc_error *err)
{
  const struct dc_disk_read *read = batch->reads;
  const size_t left = read->size - batch->done;
  const size_t size = left < REQUEST_SIZE ? left : REQUEST_SIZE;
  const nbd_completion_callback completion = { .callback = on_completion,
                                               .user_data = connection };

  /* Before, because it may be completed at once. */
  connection->in_flight++;
  if (nbd_aio_pread (connection->handle, (char *) read->bytes + batch->done,
                     size, read->offset + batch->done, completion, 0) < 0)
    return fail_nbd (err, "cannot ask the NBD server");
  batch->done += size;
  return 0;
}

/* Leave behind what is asked for, and reads of no bytes. */
static bool
has_more (struct batch *batch)
{
  while (batch->count > 0 && batch->done == batch->reads->size) {
    batch->reads++;
    batch->count--;
    batch->done = 0;
  }
  return batch->count > 0;
}

/* To the connections in turn, so that all work on a small batch. */
static int
ask_all (struct nbd *nbd, struct batch *batch, struct dc_error *err)
{
  for (unsigned depth = 1; depth <= IN_FLIGHT_MAX; depth++)
    for (size_t i = 0; i < nbd->count && has_more (batch); i++)
      if (nbd->connections[i].in_flight < depth &&
          ask (&nbd->connections[i], batch, err) < 0)
        return -1;
  return 0;
}

static short
events_of (const struct connection *connection)
{
  const unsigned direction = nbd_aio_get_direction (connection->handle);
  const bool reads = (direction & LIBNBD_AIO_DIRECTION_READ) != 0;
  const bool writes = (direction & LIBNBD_AIO_DIRECTION_WRITE) != 0;

  return (short) ((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
}

static int
notify (struct connection *connection, short happened, struct dc_error *err)
{
  const short readable = POLLIN | POLLHUP | POLLERR;
  const unsigned direction = nbd_aio_get_direction (connection->handle);
  int status = 0;

  if ((happened & readable) != 0 &&
      (direction & LIBNBD_AIO_DIRECTION_READ) != 0)
    status = nbd_aio_notify_read (connection->handle);
  else if ((happened & (POLLOUT | POLLHUP | POLLERR)) != 0 &&
           (direction & LIBNBD_AIO_DIRECTION_WRITE) != 0)
    status = nbd_aio_notify_write (connection->handle);
  if (status < 0 || nbd_aio_is_dead (connection->handle) ||
      nbd_aio_is_closed (connection->handle))
    return fail_nbd (err, "the NBD server is gone");
  return 0;
}

/* Until something has happened, and let libnbd act on it. */
static int
wait_and_act (struct nbd *nbd, struct dc_error *err)
{
  struct pollfd polled[DC_NBD_CONNECTION_MAX];

  for (size_t i = 0; i < nbd->count; i++)
    polled[i] =
        (struct pollfd){ .fd = nbd_aio_get_fd (nbd->connections[i].handle),
                         .events = events_of (&nbd->connections[i]) };
  const int n = poll (polled, nbd->count, SILENCE_MAX_MS);
  if (n < 0 && errno != EINTR)
    return dc_fail_errno (err, "cannot wait for the NBD server");
  if (n == 0)
    return dc_fail (err, DC_ERR_SYSTEM,
                    "the NBD server did not answer for %d s",
                    SILENCE_MAX_MS / 1000);
  for (size_t i = 0; n > 0 && i < nbd->count; i++)
    if (polled[i].revents != 0 &&
        notify (&nbd->connections[i], polled[i].revents, err) < 0)
      return -1;
  return 0;
}

static bool
is_busy (const struct nbd *nbd)
{
  for (size_t i = 0; i < nbd->count; i++)
    if (nbd->connections[i].in_flight > 0)
      return true;
  return false;
}

/* Afterwards nothing can write to the memory of a request any more. */
static void
close_all (struct nbd *nbd)
{
  for (size_t i = 0; i < nbd->count; i++)
    nbd_close (nbd->connections[i].handle);
  nbd->count = 0;
  nbd->is_broken = true;
}

static int
follow (struct nbd *nbd, struct batch *batch, struct dc_error *err)
{
  while (has_more (batch) || is_busy (nbd)) {
    if (ask_all (nbd, batch, err) < 0)
      return -1;
    if (is_busy (nbd) && wait_and_act (nbd, err) < 0)
      return -1;
  }
  return 0;
}

/* COUNT reads of whole blocks. */
static int
read_blocks (struct nbd *nbd, const struct dc_disk_read *reads, size_t count,
             struct dc_error *err)
{
  struct batch batch = { .reads = reads, .count = count };
  int error = 0;

  if (nbd->is_broken)
    return dc_fail (err, DC_ERR_SYSTEM, "the NBD server is gone");
  if (follow (nbd, &batch, err) < 0) {
    close_all (nbd);
    return -1;
  }
  for (size_t i = 0; i < nbd->count; i++) {
    if (nbd->connections[i].error != 0)
      error = nbd->connections[i].error;
    nbd->connections[i].error = 0;
  }
  errno = error;
  return error == 0 ? 0 : dc_fail_errno (err, "the NBD server cannot read");
}

/* A read of parts of blocks, by way of whole ones. */
static int
read_parts (struct nbd *nbd, const struct dc_disk_read *read,
            struct dc_error *err)
{
  const uint64_t block = nbd->block_size;
  const uint64_t skipped = read->offset % block;
  const uint64_t wanted = skipped + read->size;
  const uint64_t whole = (wanted + block - 1) / block * block;
  const uint64_t start = read->offset - skipped;
  const uint64_t left = nbd->export_size - start;
  const size_t size = (size_t) (whole < left ? whole : left);
  AUTO_FREE char *bytes = malloc (size);

  if (bytes == NULL)
    return dc_fail_errno (err, "cannot keep %zu bytes", size);
  const struct dc_disk_read blocks = { start, size, bytes };
  if (read_blocks (nbd, &blocks, 1, err) < 0)
    return -1;
  memcpy (read->bytes, bytes + skipped, read->size);
  return 0;
}

static bool
is_whole (const struct nbd *nbd, const struct dc_disk_read *read)
{
  return read->offset % nbd->block_size == 0 &&
         read->size % nbd->block_size == 0;
}

static int
nbd_read (struct dc_disk *disk, const struct dc_disk_read *reads, size_t count,
          struct dc_error *err)
{
  struct nbd *nbd = (struct nbd *) disk;

  for (size_t i = 0; i < count;) {
    size_t whole = 0;
    while (i + whole < count && is_whole (nbd, &reads[i + whole]))
      whole++;
    const int status = whole > 0 ? read_blocks (nbd, &reads[i], whole, err)
                                 : read_parts (nbd, &reads[i], err);
    if (status < 0)
      return -1;
    i += whole > 0 ? whole : 1;
  }
  return 0;
}

static void
nbd_free (struct dc_disk *disk)
{
  struct nbd *nbd = (struct nbd *) disk;

  close_all (nbd);
  free (nbd);
}

/* The connection over FD, which becomes libnbd's. */
static int
connect_one (struct nbd *nbd, int fd, const char *export_name,
             struct dc_error *err)
{
  struct connection *connection = &nbd->connections[nbd->count];

  connection->handle = nbd_create ();
  if (connection->handle == NULL) {
    dc_close_auto (&fd);
    return fail_nbd (err, "cannot make an NBD client");
  }
  nbd->count++;
  if (nbd_set_export_name (connection->handle, export_name) < 0) {
    dc_close_auto (&fd);
    return fail_nbd (err, "cannot name an NBD export");
  }
  if (nbd_aio_connect_socket (connection->handle, fd) < 0)
    return fail_nbd (err, "cannot talk to the NBD server");
  while (nbd_aio_is_connecting (connection->handle) != 0)
    if (wait_and_act (nbd, err) < 0)
      return dc_context (err, "cannot talk to the NBD server");
  if (nbd_aio_is_ready (connection->handle) != 1)
    return fail_nbd (err, "cannot talk to the NBD server");
  const int64_t size = nbd_get_size (connection->handle);
  if (size < 0)
    return fail_nbd (err, "cannot ask the NBD server for the disk's size");
  const int64_t block_size =
      nbd_get_block_size (connection->handle, LIBNBD_SIZE_MINIMUM);
  if (block_size < 0 || block_size > (int64_t) REQUEST_SIZE)
    return dc_fail (err, DC_ERR_SYSTEM,
                    "the NBD server has blocks of %lld bytes",
                    (long long) block_size);
  nbd->block_size = block_size > 0 ? (uint64_t) block_size : 1; /* 0: any */
  nbd->export_size = (uint64_t) size;
  nbd->disk.size = nbd->export_size - nbd->export_size % SECTOR;
  return 0;
}

int
dc_nbd_disk (int *take_fds, size_t count, const char *export_name,
             struct dc_disk **out, struct dc_error *err)
{
  static const struct dc_disk_ops ops = { nbd_read, nbd_free };
  struct nbd *nbd = calloc (1, sizeof *nbd);

  assert (count > 0 && count <= DC_NBD_CONNECTION_MAX);

  if (nbd == NULL)
    return dc_fail_errno (err, "cannot keep an NBD client");
  nbd->disk.ops = &ops;
  DC_AUTO (dc_disk) *disk = &nbd->disk;
  for (size_t i = 0; i < count; i++)
    if (connect_one (nbd, DC_TAKE_FD (take_fds[i]), export_name, err) < 0)
      return -1;
  *out = DC_TAKE (disk);
  return 0;
}
