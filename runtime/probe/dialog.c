/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "lib/digest.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "runtime/probe/dialog.h"

#define PIECE_SIZE ((size_t) 16 * 1024) /* bytes of one read */
#define NAME_SIZE 200                   /* bytes of a certificate's name */

struct dc_dialog {
  int fd;
  int64_t end_ms;
  SSL_CTX *context; /* NULL: plain */
  SSL *tls;
};

int
dc_place_local (const char *path, struct dc_place *place, struct dc_error *err)
{
  struct sockaddr_un *local = &place->at.local;
  const size_t size = strlen (path);

  if (size == 0 || size >= sizeof local->sun_path)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no path of a socket",
                    dc_quote (path).text);
  local->sun_family = AF_UNIX;
  memcpy (local->sun_path, path, size + 1);
  place->size = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + size);
  if (path[0] == '@')
    local->sun_path[0] = '\0';
  else
    place->size++;
  return 0;
}

static int64_t
now_ms (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_MONOTONIC, &now); /* cannot fail */
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
fail_late (struct dc_error *err)
{
  return dc_fail (err, DC_ERR_BUSY, "no answer in time");
}

static int
wait_for (const struct dc_dialog *dialog, short events, struct dc_error *err)
{
  struct pollfd polled = { .fd = dialog->fd, .events = events };
  const int64_t left_ms = dialog->end_ms - now_ms ();

  if (left_ms <= 0)
    return fail_late (err);
  const int count = poll (&polled, 1, (int) left_ms);
  if (count < 0)
    return dc_fail_errno (err, "cannot wait for an answer");
  return count == 0 ? fail_late (err) : 0;
}

/* Which errors mean that nobody is there. */
static int
fail_connect (struct dc_error *err)
{
  static const int nobody[] = { ECONNREFUSED, ENOENT,       EADDRNOTAVAIL,
                                ENETUNREACH,  EHOSTUNREACH, EAFNOSUPPORT,
                                ENOTDIR };
  const int number = errno;

  (void) dc_fail_errno (err, "cannot connect");
  for (size_t i = 0; i < DC_COUNT (nobody); i++)
    if (number == nobody[i])
      err->code = DC_ERR_NOTFOUND;
  return -1;
}

static int
connect_to (const struct dc_dialog *dialog, const struct dc_place *place,
            struct dc_error *err)
{
  int number = 0;
  socklen_t size = sizeof number;

  if (connect (dialog->fd, &place->at.any, place->size) == 0)
    return 0;
  if (errno != EINPROGRESS && errno != EAGAIN)
    return fail_connect (err);
  if (errno == EAGAIN) /* a Unix socket whose queue is full */
    return fail_late (err);
  if (wait_for (dialog, POLLOUT, err) < 0)
    return -1;
  if (getsockopt (dialog->fd, SOL_SOCKET, SO_ERROR, &number, &size) < 0)
    return dc_fail_errno (err, "cannot connect");
  errno = number;
  return number == 0 ? 0 : fail_connect (err);
}

int
dc_dialog_open (const struct dc_place *place, unsigned timeout_ms,
                struct dc_dialog **out, struct dc_error *err)
{
  DC_AUTO (dc_dialog) *dialog = calloc (1, sizeof *dialog);

  if (dialog == NULL)
    return dc_fail_errno (err, "cannot keep a connection");
  dialog->end_ms = now_ms () + timeout_ms;
  dialog->fd = socket (place->at.any.sa_family,
                       place->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (dialog->fd < 0)
    return fail_connect (err);
  if (connect_to (dialog, place, err) < 0)
    return -1;
  *out = DC_TAKE (dialog);
  return 0;
}

/* What SSL_get_error() says, after waiting where it wants that: 0 try again,
 * 1 the other side has ended, -1.
 */
static int
understand (const struct dc_dialog *dialog, int result, struct dc_error *err)
{
  switch (SSL_get_error (dialog->tls, result)) {
  case SSL_ERROR_WANT_READ:
    return wait_for (dialog, POLLIN, err);
  case SSL_ERROR_WANT_WRITE:
    return wait_for (dialog, POLLOUT, err);
  case SSL_ERROR_ZERO_RETURN:
    return 1;
  case SSL_ERROR_SYSCALL:
    return dc_fail (err, DC_ERR_INVALID, "it ended the connection inside TLS");
  default:
    return dc_fail (err, DC_ERR_INVALID, "it does not speak TLS");
  }
}

/* Everything that servers of any age may still offer; no files are read. */
static int
make_context (struct dc_dialog *dialog, struct dc_error *err)
{
  if (OPENSSL_init_ssl (OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
    return dc_fail (err, DC_ERR_SYSTEM, "cannot prepare TLS");
  dialog->context = SSL_CTX_new (TLS_client_method ());
  if (dialog->context == NULL)
    return dc_fail (err, DC_ERR_SYSTEM, "cannot prepare TLS");
  SSL_CTX_set_security_level (dialog->context, 0);
  (void) SSL_CTX_set_min_proto_version (dialog->context, 0);
  SSL_CTX_set_verify (dialog->context, SSL_VERIFY_NONE, NULL);
  dialog->tls = SSL_new (dialog->context);
  if (dialog->tls == NULL || SSL_set_fd (dialog->tls, dialog->fd) != 1)
    return dc_fail (err, DC_ERR_SYSTEM, "cannot prepare TLS");
  return 0;
}

int
dc_dialog_secure (struct dc_dialog *dialog, struct dc_error *err)
{
  assert (dialog->tls == NULL);

  if (make_context (dialog, err) < 0)
    return -1;
  for (;;) {
    const int result = SSL_connect (dialog->tls);
    if (result == 1)
      return 0;
    const int heard = understand (dialog, result, err);
    if (heard < 0)
      return -1;
    if (heard > 0)
      return dc_fail (err, DC_ERR_INVALID, "it does not speak TLS");
  }
}

static void
put_time (json_t **json, const char *key, const ASN1_TIME *when)
{
  struct tm tm;
  char text[40];

  if (when != NULL && ASN1_TIME_to_tm (when, &tm) == 1 &&
      strftime (text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
    dc_json_put_text (json, key, text);
}

static void
put_certificate (json_t **json, X509 *certificate)
{
  char name[NAME_SIZE] = "", digest[DC_DIGEST_TEXT_SIZE];
  struct dc_error ignored; /* then it has no digest */
  unsigned char *bytes = NULL;

  (void) X509_NAME_get_text_by_NID (X509_get_subject_name (certificate),
                                    NID_commonName, name, sizeof name);
  dc_json_put_text (json, "subject", dc_quote (name).text);
  put_time (json, "not_after", X509_get0_notAfter (certificate));
  const int size = i2d_X509 (certificate, &bytes);
  if (size > 0 && dc_digest_bytes (bytes, (size_t) size, digest, &ignored) == 0)
    dc_json_put_text (json, "digest", digest);
  OPENSSL_free (bytes);
}

json_t *
dc_dialog_tls (const struct dc_dialog *dialog)
{
  json_t *json = json_object ();
  X509 *certificate = SSL_get_peer_certificate (dialog->tls);

  dc_json_put_text (&json, "version", SSL_get_version (dialog->tls));
  if (certificate != NULL)
    put_certificate (&json, certificate);
  X509_free (certificate);
  return json;
}

/* One piece: bytes written, 0 try again, -1. */
static ssize_t
say_piece (struct dc_dialog *dialog, const char *bytes, size_t size,
           struct dc_error *err)
{
  if (dialog->tls != NULL) {
    const int result = SSL_write (dialog->tls, bytes, (int) size);
    if (result > 0)
      return result;
    const int heard = understand (dialog, result, err);
    return heard > 0 ? dc_fail (err, DC_ERR_SYSTEM, "it has ended") : heard;
  }
  const ssize_t n = send (dialog->fd, bytes, size, MSG_NOSIGNAL);
  if (n >= 0)
    return n;
  if (errno == EAGAIN)
    return wait_for (dialog, POLLOUT, err);
  return errno == ECONNREFUSED ? fail_connect (err)
                               : dc_fail_errno (err, "cannot ask");
}

int
dc_dialog_say (struct dc_dialog *dialog, const void *bytes, size_t size,
               struct dc_error *err)
{
  const char *at = bytes;

  while (size > 0) {
    const size_t piece = size < PIECE_SIZE ? size : PIECE_SIZE;
    const ssize_t n = say_piece (dialog, at, piece, err);
    if (n < 0)
      return -1;
    at += n;
    size -= (size_t) n;
  }
  return 0;
}

/* As say_piece(); *IS_OVER when the other side has ended. */
static ssize_t
hear_piece (struct dc_dialog *dialog, char *bytes, bool *is_over,
            struct dc_error *err)
{
  if (dialog->tls != NULL) {
    const int result = SSL_read (dialog->tls, bytes, (int) PIECE_SIZE);
    if (result > 0)
      return result;
    const int heard = understand (dialog, result, err);
    *is_over = heard > 0 || (heard < 0 && err->code == DC_ERR_INVALID);
    return *is_over ? 0 : heard;
  }
  const ssize_t n = recv (dialog->fd, bytes, PIECE_SIZE, 0);
  *is_over = n == 0 || (n < 0 && errno == ECONNRESET);
  if (n >= 0 || *is_over)
    return n > 0 ? n : 0;
  if (errno == EAGAIN)
    return wait_for (dialog, POLLIN, err);
  return errno == ECONNREFUSED ? fail_connect (err)
                               : dc_fail_errno (err, "cannot hear");
}

int
dc_dialog_hear (struct dc_dialog *dialog, struct dc_buffer *b,
                struct dc_error *err)
{
  bool is_over = false;

  if (now_ms () >= dialog->end_ms)
    return fail_late (err);
  if (dc_buffer_reserve (b, PIECE_SIZE, err) < 0)
    return -1;
  for (;;) {
    const ssize_t n = hear_piece (dialog, b->data + b->size, &is_over, err);
    if (n < 0)
      return -1;
    if (n == 0 && !is_over)
      continue;
    b->size += (size_t) n;
    b->data[b->size] = '\0';
    return n > 0;
  }
}

void
dc_dialog_free (struct dc_dialog *dialog)
{
  if (dialog == NULL)
    return;
  SSL_free (dialog->tls); /* both take NULL */
  SSL_CTX_free (dialog->context);
  dc_close_auto (&dialog->fd);
  free (dialog);
}
