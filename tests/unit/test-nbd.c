/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <endian.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/disk/nbd.h"
#include "tests/unit/unit.h"

/* A server in a thread for each connection: it shakes hands, answers reads in
 * order and can be told to fail.
 */
#define EXPORT_SIZE ((uint64_t) 1000 * 1024 + 512)
#define NOWHERE UINT64_MAX

struct server {
  int fd;
  pthread_t thread;
  uint32_t block_size; /* that it announces, 0: none */
  uint64_t bad_offset; /* reads that hold it are answered with EIO */
  unsigned reads_max;  /* after so many the server is gone */
  unsigned unaligned;  /* requests that are not of whole blocks */
  bool is_dumb;        /* speaks another protocol */
};

static unsigned char
byte_at (uint64_t offset)
{
  return (unsigned char) (offset * 31 + offset / 512);
}

static bool
get (int fd, void *bytes, size_t size)
{
  return size == 0 || recv (fd, bytes, size, MSG_WAITALL) == (ssize_t) size;
}

static void
put (int fd, const void *bytes, size_t size)
{
  /* A client that is gone is no concern of the server. */
  (void) !send (fd, bytes, size, MSG_NOSIGNAL);
}

struct __attribute__ ((__packed__)) option {
  uint64_t magic;
  uint32_t option;
  uint32_t size;
};
struct __attribute__ ((__packed__)) option_reply {
  uint64_t magic;
  uint32_t option;
  uint32_t type;
  uint32_t size;
};
struct __attribute__ ((__packed__)) info_export {
  uint16_t type;
  uint64_t size;
  uint16_t flags;
};
struct __attribute__ ((__packed__)) info_block_size {
  uint16_t type;
  uint32_t smallest, preferred, largest;
};
struct __attribute__ ((__packed__)) request {
  uint32_t magic;
  uint16_t flags, type;
  uint64_t handle, offset;
  uint32_t size;
};
struct __attribute__ ((__packed__)) reply {
  uint32_t magic;
  uint32_t error;
  uint64_t handle;
};

enum { OPT_GO = 7, REP_ACK = 1, REP_INFO = 3 };
#define REP_UNSUPPORTED 0x80000001u

static void
answer (const struct server *server, uint32_t option, uint32_t type,
        const void *data, uint32_t size)
{
  const struct option_reply reply = { htobe64 (0x3e889045565a9), option,
                                      htobe32 (type), htobe32 (size) };

  put (server->fd, &reply, sizeof reply);
  put (server->fd, data, size);
}

static bool
shake_hands (const struct server *server)
{
  static const char hello[] = "NBDMAGICIHAVEOPT\0\3";
  const struct info_export info = { 0, htobe64 (EXPORT_SIZE), htobe16 (3) };
  const uint32_t block = server->block_size;
  const struct info_block_size sizes = { htobe16 (3), htobe32 (block),
                                         htobe32 (4096),
                                         htobe32 (32 * 1024 * 1024) };
  struct option option;
  char data[1024];
  uint32_t flags;

  put (server->fd, hello, sizeof hello - 1);
  if (!get (server->fd, &flags, sizeof flags))
    return false;
  while (get (server->fd, &option, sizeof option)) {
    if (be32toh (option.size) > sizeof data ||
        !get (server->fd, data, be32toh (option.size)))
      return false;
    if (be32toh (option.option) != OPT_GO) {
      answer (server, option.option, REP_UNSUPPORTED, NULL, 0);
      continue;
    }
    answer (server, option.option, REP_INFO, &info, sizeof info);
    if (block > 0)
      answer (server, option.option, REP_INFO, &sizes, sizeof sizes);
    answer (server, option.option, REP_ACK, NULL, 0);
    return true;
  }
  return false;
}

static void
answer_read (struct server *server, const struct request *request)
{
  static _Thread_local unsigned char bytes[1024 * 1024];
  const uint64_t offset = be64toh (request->offset);
  const uint32_t size = be32toh (request->size);
  const bool is_bad =
      server->bad_offset - offset < size && server->bad_offset >= offset;
  const struct reply reply = { htobe32 (0x67446698), htobe32 (is_bad ? 5 : 0),
                               request->handle };

  if (server->block_size > 0 &&
      (offset % server->block_size != 0 || size % server->block_size != 0))
    server->unaligned++;
  put (server->fd, &reply, sizeof reply);
  if (is_bad)
    return;
  for (uint32_t i = 0; i < size; i++)
    bytes[i] = byte_at (offset + i);
  put (server->fd, bytes, size);
}

static void *
serve (void *arg)
{
  struct server *server = arg;
  struct request request;

  if (server->is_dumb)
    put (server->fd, "220 smtp.example.com ESMTP, how do you do?", 42);
  else if (shake_hands (server))
    for (unsigned i = 0;
         i < server->reads_max && get (server->fd, &request, sizeof request);
         i++)
      if (be16toh (request.type) == 0)
        answer_read (server, &request);
  close (server->fd);
  return NULL;
}

static struct server servers[DC_NBD_CONNECTION_MAX];

/* Start COUNT connections like MODEL; the client's ends go to FDS. */
static void
start (const struct server *model, size_t count, int *fds)
{
  for (size_t i = 0; i < count; i++) {
    int pair[2];
    ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
                      0);
    servers[i] = *model;
    servers[i].fd = pair[0];
    fds[i] = pair[1];
    ck_assert_int_eq (
        pthread_create (&servers[i].thread, NULL, serve, &servers[i]), 0);
  }
}

static void
stop (size_t count)
{
  for (size_t i = 0; i < count; i++) {
    ck_assert_int_eq (pthread_join (servers[i].thread, NULL), 0);
    ck_assert_uint_eq (servers[i].unaligned, 0);
  }
}

static const struct server good = { .bad_offset = NOWHERE,
                                    .reads_max = UINT_MAX };

static void
check_bytes (const unsigned char *bytes, uint64_t offset, size_t size)
{
  size_t i = 0; /* an assertion for every byte would take seconds */

  while (i < size && bytes[i] == byte_at (offset + i))
    i++;
  ck_assert_uint_eq (i, size);
}

#define MANY 100

/* _i is the number of connections, less one. */
START_TEST (test_many_reads)
{
  const size_t connections = (size_t) _i + 1;
  struct dc_error err;
  int fds[DC_NBD_CONNECTION_MAX];
  DC_AUTO (dc_disk) *disk = NULL;
  struct dc_disk_read reads[MANY];
  static unsigned char bytes[MANY * 9000 + EXPORT_SIZE];
  unsigned char *next = bytes;

  start (&good, connections, fds);
  ck_assert_ok (dc_nbd_disk (fds, connections, "", &disk, &err));
  for (size_t i = 0; i < connections; i++)
    ck_assert_int_eq (fds[i], -1);
  ck_assert_uint_eq (disk->size, EXPORT_SIZE);
  for (size_t i = 0; i < MANY; i++) {
    reads[i] = (struct dc_disk_read){ i * 7777, i * 90, next };
    next += reads[i].size;
  }
  reads[50] = (struct dc_disk_read){ 0, EXPORT_SIZE, next };
  ck_assert_ok (dc_disk_read_many (disk, reads, MANY, &err));
  for (size_t i = 0; i < MANY; i++)
    check_bytes (reads[i].bytes, reads[i].offset, reads[i].size);
  dc_disk_free (DC_TAKE (disk));
  stop (connections);
}
END_TEST

/* A server that wants whole blocks gets them. */
START_TEST (test_blocks)
{
  static const struct dc_disk_read wanted[] = {
    { 0, 512, NULL },    { 1, 1, NULL },    { 511, 2, NULL },
    { 513, 511, NULL },  { 1024, 8, NULL }, { 5, 200000, NULL },
    { 512, 1024, NULL }, { 1000, 0, NULL }, { EXPORT_SIZE - 1, 1, NULL },
    { 3, 600, NULL },    { 2048, 0, NULL },
  };
  struct server blocks = good;
  struct dc_error err;
  int fds[2];
  DC_AUTO (dc_disk) *disk = NULL;
  struct dc_disk_read reads[DC_COUNT (wanted)];
  static unsigned char bytes[DC_COUNT (wanted)][200001];

  blocks.block_size = 512;
  start (&blocks, 2, fds);
  ck_assert_ok (dc_nbd_disk (fds, 2, "", &disk, &err));
  for (size_t i = 0; i < DC_COUNT (wanted); i++) {
    reads[i] = wanted[i];
    reads[i].bytes = bytes[i];
    bytes[i][wanted[i].size] = 0xee;
  }
  ck_assert_ok (dc_disk_read_many (disk, reads, DC_COUNT (reads), &err));
  for (size_t i = 0; i < DC_COUNT (wanted); i++) {
    check_bytes (bytes[i], wanted[i].offset, wanted[i].size);
    ck_assert_uint_eq (bytes[i][wanted[i].size], 0xee);
  }
  dc_disk_free (DC_TAKE (disk));
  stop (2);
}
END_TEST

/* A bad block is an error of this batch only. */
START_TEST (test_bad_medium)
{
  struct server bad = good;
  struct dc_error err;
  int fds[2];
  DC_AUTO (dc_disk) *disk = NULL;
  static unsigned char bytes[EXPORT_SIZE];

  bad.bad_offset = 500000;
  start (&bad, 2, fds);
  ck_assert_ok (dc_nbd_disk (fds, 2, "", &disk, &err));
  ck_assert_fails (dc_disk_read (disk, 0, bytes, EXPORT_SIZE, &err),
                   DC_ERR_SYSTEM, "the NBD server cannot read: Input/output");
  ck_assert_ok (dc_disk_read (disk, 500001, bytes, 1000, &err));
  check_bytes (bytes, 500001, 1000);
  dc_disk_free (DC_TAKE (disk));
  stop (2);
}
END_TEST

/* The server dies with requests in flight, after _i of them. */
START_TEST (test_server_dies)
{
  struct server mortal = good;
  struct dc_error err;
  int fds[2];
  DC_AUTO (dc_disk) *disk = NULL;
  static unsigned char bytes[EXPORT_SIZE];

  mortal.reads_max = (unsigned) _i;
  start (&mortal, 2, fds);
  ck_assert_ok (dc_nbd_disk (fds, 2, "", &disk, &err));
  ck_assert_fails (dc_disk_read (disk, 0, bytes, EXPORT_SIZE, &err),
                   DC_ERR_SYSTEM, "NBD server");
  ck_assert_fails (dc_disk_read (disk, 0, bytes, 1, &err), DC_ERR_SYSTEM,
                   "the NBD server is gone");
  stop (2);
}
END_TEST

START_TEST (test_no_server)
{
  struct server dumb = good;
  struct dc_error err;
  struct dc_disk *disk = NULL;
  int fds[1];

  dumb.is_dumb = true;
  start (&dumb, 1, fds);
  ck_assert_fails (dc_nbd_disk (fds, 1, "", &disk, &err), DC_ERR_SYSTEM,
                   "cannot talk to the NBD server");
  stop (1);
  fds[0] = open ("/dev/null", O_RDWR | O_CLOEXEC);
  ck_assert_fails (dc_nbd_disk (fds, 1, "", &disk, &err), DC_ERR_SYSTEM,
                   "cannot talk to the NBD server");
  ck_assert_ptr_null (disk);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_many_reads, 0, DC_NBD_CONNECTION_MAX);
  tcase_add_test (tcase, test_blocks);
  tcase_add_test (tcase, test_bad_medium);
  tcase_add_loop_test (tcase, test_server_dies, 1, 6);
  tcase_add_test (tcase, test_no_server);
}

int
main (void)
{
  return unit_run ("nbd", add);
}
