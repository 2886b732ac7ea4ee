/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/array.h"
#include "lib/quote.h"
#include "transform/state/match.h"
#include "transform/state/scan.h"
#include "transform/state/secret.h"

#define KEY_MARK "PRIVATE KEY-----"
#define KEY_BEGIN "-----BEGIN "
#define NEEDLE_MAX ((size_t) 10000)
#define HIT_MAX ((size_t) 1000) /* looked at closer, of a layer */
#define WORD_SIZE_MIN ((size_t) 12)
#define KEY_LINE_SIZE_MIN ((size_t) 16)
#define PACKAGED_SIZE_MIN ((size_t) 16)
#define AROUND ((size_t) 256) /* bytes read behind the begin of a key */

/* Something to look for, and where it is known from. */
struct needle {
  char bytes[DC_MATCH_SIZE_MAX];
  size_t size;
  const char *path, *kind; /* NULL: the begin of any private key */
};

struct hit {
  uint32_t index;
  uint32_t needle;
  uint64_t offset;
};

struct dc_scan {
  struct dc_tree *tree;
  const struct dc_profile *profile;
  const uint32_t *owners;
  struct needle *needles;
  size_t count;
  struct dc_match *match;     /* of all */
  struct dc_match *packaged;  /* of those for files of packages */
  uint32_t *packaged_needles; /* which those are */
  bool *may_stay;             /* of entries: a secret that is to stay */
  struct dc_tree *written;    /* what the layer's entries are of */
  uint32_t file;
  const struct dc_match *current; /* for the file; NULL: none */
  struct dc_match_place place;
  struct hit *hits;
  size_t hit_count;
  struct dc_verification *verification; /* made when it is needed */
  struct dc_tar_tap tap;
};

static int
add_needle (struct dc_scan *scan, const char *bytes, size_t size,
            const char *path, const char *kind, struct dc_error *err)
{
  if (size < DC_MATCH_SIZE_MIN)
    return 0;
  if (DC_ARRAY_GROW (scan->needles, scan->count, NEEDLE_MAX, "secrets", err) <
      0)
    return -1;
  struct needle *needle = &scan->needles[scan->count++];
  needle->size = size < sizeof needle->bytes ? size : sizeof needle->bytes;
  memcpy (needle->bytes, bytes, needle->size);
  needle->path = path;
  needle->kind = kind;
  return 0;
}

/* Of a key the line behind the first of its body: that one is alike in many. */
static int
add_key (struct dc_scan *scan, struct dc_span text, const char *mark,
         const struct dc_plan_secret *secret, struct dc_error *err)
{
  struct dc_span rest = dc_span_skip (text, (size_t) (mark - text.text));
  struct dc_span line, best = { NULL, 0 };

  (void) dc_span_line (&rest, &line); /* the mark's own */
  for (int i = 0; i < 8 && dc_span_line (&rest, &line); i++) {
    if (line.size > 0 && *line.text == '-')
      break;
    if (!dc_span_has (line, ':') && line.size >= best.size)
      best = dc_span_trim (line);
    if (i > 1 && best.size >= 48)
      break;
  }
  return best.size < KEY_LINE_SIZE_MIN
             ? 0
             : add_needle (scan, best.text, best.size, secret->path,
                           secret->kind, err);
}

/* Of a text the longest word of its values that is no path. */
static int
add_word (struct dc_scan *scan, struct dc_span text,
          const struct dc_plan_secret *secret, struct dc_error *err)
{
  struct dc_span line, best = { NULL, 0 };

  while (dc_span_line (&text, &line)) {
    struct dc_span value, word;
    if (!dc_secret_value (line, &value))
      continue;
    while (dc_span_word (&value, &word))
      if (word.size > best.size && memchr (word.text, '/', word.size) == NULL)
        best = word;
  }
  return best.size < WORD_SIZE_MIN
             ? 0
             : add_needle (scan, best.text, best.size, secret->path,
                           secret->kind, err);
}

/* A file that is a secret as a whole. */
static int
add_file (struct dc_scan *scan, const struct dc_plan_secret *secret,
          struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_SECRET_FILE_SIZE_MAX);
  const uint32_t index = dc_tree_resolve (scan->tree, secret->path);

  if (index == DC_TREE_NONE || !S_ISREG (scan->tree->entries[index].mode) ||
      scan->tree->entries[index].size > DC_SECRET_FILE_SIZE_MAX)
    return 0;
  if (dc_tree_read_file (scan->tree, secret->path, &b, err) < 0)
    return -1;
  const struct dc_span text = { dc_buffer_text (&b), b.size };
  const char *mark =
      b.size > 0 ? memmem (b.data, b.size, KEY_MARK, strlen (KEY_MARK)) : NULL;
  int status = 0;
  if (mark != NULL)
    status = add_key (scan, text, mark, secret, err);
  else if (!dc_span_has (text, '\0'))
    status = add_word (scan, text, secret, err);
  else if (text.size >= DC_MATCH_SIZE_MAX) /* a key store, a keytab */
    status = add_needle (scan, text.text + (text.size - DC_MATCH_SIZE_MAX) / 2,
                         DC_MATCH_SIZE_MAX, secret->path, secret->kind, err);
  if (b.size > 0)
    explicit_bzero (b.data, b.size);
  return status;
}

/* The values that stand in the file, or the file. */
static int
add_secret (struct dc_scan *scan, const struct dc_plan_secret *secret,
            struct dc_error *err)
{
  const struct dc_secrets *known = &scan->profile->secrets;
  bool has_values = false;

  for (size_t i = 0; i < known->count; i++) {
    const struct dc_secret *item = &known->items[i];
    if (item->line == 0 || strcmp (item->path, secret->path) != 0)
      continue;
    has_values = true;
    if (item->value != NULL && dc_secret_is_distinctive (item->value) &&
        add_needle (scan, item->value, strlen (item->value), secret->path,
                    secret->kind, err) < 0)
      return -1;
  }
  return has_values ? 0 : add_file (scan, secret, err);
}

static int
add_secrets (struct dc_scan *scan, const struct dc_plan_image *image,
             struct dc_error *err)
{
  const struct dc_plan_secret *secrets = image->secrets.items;

  for (size_t i = 0; i < image->secrets.count; i++) {
    const uint32_t index = dc_tree_resolve (scan->tree, secrets[i].path);
    if (secrets[i].way == DC_PLAN_SECRET_IMAGE && index != DC_TREE_NONE)
      scan->may_stay[scan->tree->entries[index].hardlink] = true;
    if (secrets[i].way != DC_PLAN_SECRET_IMAGE &&
        add_secret (scan, &secrets[i], err) < 0)
      return -1;
  }
  return add_needle (scan, KEY_MARK, strlen (KEY_MARK), NULL, "private key",
                     err);
}

/* In files of packages only long strings are looked for: fast, and what is
 * short stands there by chance.
 */
static int
make_matches (struct dc_scan *scan, struct dc_error *err)
{
  AUTO_FREE struct dc_span *spans = calloc (scan->count + 1, sizeof *spans);
  size_t count = 0;

  scan->packaged_needles = calloc (scan->count + 1, sizeof (uint32_t));
  if (spans == NULL || scan->packaged_needles == NULL)
    return dc_fail_errno (err, "cannot look for secrets");
  for (size_t i = 0; i < scan->count; i++)
    if (scan->needles[i].path != NULL &&
        scan->needles[i].size >= PACKAGED_SIZE_MIN) {
      spans[count] =
          (struct dc_span){ scan->needles[i].bytes, scan->needles[i].size };
      scan->packaged_needles[count++] = (uint32_t) i;
    }
  if (dc_match_new (spans, count, &scan->packaged, err) < 0)
    return -1;
  for (size_t i = 0; i < scan->count; i++)
    spans[i] =
        (struct dc_span){ scan->needles[i].bytes, scan->needles[i].size };
  return dc_match_new (spans, scan->count, &scan->match, err);
}

static int
begin (void *self, uint32_t index, struct dc_error *err)
{
  struct dc_scan *scan = self;
  const bool is_guest = scan->written == scan->tree;

  (void) err;
  scan->file = index;
  scan->place = (struct dc_match_place){ .offset = 0 };
  scan->current = is_guest && scan->owners[index] != DC_TREE_NONE
                      ? scan->packaged
                      : scan->match;
  if (is_guest && scan->may_stay[scan->tree->entries[index].hardlink])
    scan->current = NULL;
  return 0;
}

static int
note_hit (void *self, size_t needle, uint64_t offset, struct dc_error *err)
{
  struct dc_scan *scan = self;

  if (scan->hit_count == HIT_MAX)
    return 0; /* the first ones suffice */
  if (scan->current == scan->packaged)
    needle = scan->packaged_needles[needle];
  if (DC_ARRAY_GROW (scan->hits, scan->hit_count, HIT_MAX, "places", err) < 0)
    return -1;
  scan->hits[scan->hit_count++] =
      (struct hit){ scan->file, (uint32_t) needle, offset };
  return 0;
}

static int
look (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct dc_scan *scan = self;

  return scan->current == NULL
             ? 0
             : dc_match_feed (scan->current, &scan->place, bytes, size,
                              note_hit, scan, err);
}

int
dc_scan_new (struct dc_tree *tree, const struct dc_profile *profile,
             const uint32_t *owners, const struct dc_plan *plan, size_t index,
             struct dc_scan **out, struct dc_error *err)
{
  DC_AUTO (dc_scan) *scan = calloc (1, sizeof *scan);

  if (scan == NULL)
    return dc_fail_errno (err, "cannot look for secrets");
  scan->tree = tree;
  scan->profile = profile;
  scan->owners = owners;
  scan->may_stay = calloc (tree->count, sizeof *scan->may_stay);
  scan->tap = (struct dc_tar_tap){ begin, look, scan };
  if (scan->may_stay == NULL)
    return dc_fail_errno (err, "cannot look for secrets");
  if (add_secrets (scan, dc_plan_image (plan, index), err) < 0 ||
      make_matches (scan, err) < 0)
    return -1;
  *out = DC_TAKE (scan);
  return 0;
}

const struct dc_tar_tap *
dc_scan_tap (struct dc_scan *scan, struct dc_tree *tree)
{
  scan->written = tree;
  scan->hit_count = 0;
  return &scan->tap;
}

/* What such folders hold was published with its keys. */
static bool
is_public_place (const char *path)
{
  static const char *const folders[] = {
    "/node_modules/", "/site-packages/", "/dist-packages/", "/gems/",
    "/vendor/",       "/test/",          "/tests/",         "/testdata/",
    "/examples/",     "/doc/",           "/docs/",          "/go/pkg/",
  };

  for (size_t i = 0; i < DC_COUNT (folders); i++)
    if (strstr (path, folders[i]) != NULL)
      return true;
  return false;
}

static bool
is_body_byte (char byte)
{
  return isalnum ((unsigned char) byte) || byte == '+' || byte == '/' ||
         byte == '=';
}

/* The files of packages as their manager keeps them: scripts, lists. */
static bool
is_package_database (const char *path)
{
  static const char *const folders[] = {
    "/var/lib/dpkg/",      "/var/lib/rpm/", "/usr/lib/sysimage/rpm/",
    "/usr/share/rpm/",     "/var/lib/dnf/", "/var/lib/yum/",
    "/var/lib/pacman/",    "/lib/apk/db/",  "/usr/lib/apk/db/",
    "/var/lib/apt/lists/",
  };

  for (size_t i = 0; i < DC_COUNT (folders); i++)
    if (strncmp (path, folders[i], strlen (folders[i])) == 0)
      return true;
  return false;
}

/* A program that reads keys has the mark too: a key has a body behind it, on
 * the next line, which in JSON is written as backslash and n.
 */
static int
is_key (struct dc_scan *scan, const struct hit *hit, struct dc_error *err)
{
  const uint64_t size = scan->written->entries[hit->index].size;
  char bytes[AROUND + 1];
  const uint64_t begin = hit->offset + strlen (KEY_MARK);
  const size_t count = size - begin < AROUND ? (size_t) (size - begin) : AROUND;
  size_t run = 0;

  if (dc_tree_read (scan->written, hit->index, begin, bytes, count, err) < 0)
    return -1;
  bytes[count] = '\0';
  const char *s = bytes + strspn (bytes, "\r\n");
  if (s == bytes && strncmp (s, "\\n", 2) == 0)
    s += 2;
  if (s == bytes)
    return 0;
  if (strncmp (s, "Proc-Type:", strlen ("Proc-Type:")) == 0)
    return 1;
  while (is_body_byte (s[run]))
    run++;
  return run >= 40;
}

/* Did its package bring the file so? */
static int
is_public_file (struct dc_scan *scan, uint32_t index,
                const struct dc_report *report, struct dc_error *err)
{
  if (scan->written != scan->tree || scan->owners[index] == DC_TREE_NONE)
    return 0;
  if (scan->verification == NULL &&
      dc_packages_verify (scan->profile->packages, scan->tree, report,
                          &scan->verification, err) < 0)
    return -1;
  const struct dc_changed_files *files = &scan->verification->files;
  for (size_t i = 0; i < files->count; i++)
    if (files->items[i].state == DC_FILE_CHANGED &&
        dc_tree_resolve (scan->tree, files->items[i].path) == index)
      return 0;
  return 1;
}

static int
fail (const struct needle *needle, const char *path, struct dc_error *err)
{
  static const char remedy[] = "--secrets image lets secrets stay, a plan "
                               "says it of each file or leaves files out";

  if (needle->path == NULL)
    return dc_fail (err, DC_ERR_INVALID,
                    "'%s' holds a private key that would be in the image: %s",
                    dc_quote (path).text, remedy);
  return dc_fail (err, DC_ERR_INVALID,
                  "'%s' holds the %s of '%s', which would be in the image: %s",
                  dc_quote (path).text, dc_quote (needle->kind).text,
                  dc_quote (needle->path).text, remedy);
}

static int
check_hit (struct dc_scan *scan, const struct hit *hit,
           const struct dc_report *report, struct dc_error *err)
{
  const struct needle *needle = &scan->needles[hit->needle];
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX + 1);

  if (dc_tree_path (scan->written, hit->index, &path, err) < 0)
    return -1;
  AUTO_BUFFER struct dc_buffer full = DC_BUFFER_INIT (DC_TREE_PATH_MAX + 2);
  if (dc_buffer_print (&full, err, "/%s", dc_buffer_text (&path)) < 0)
    return -1;
  if (is_package_database (full.data) ||
      (needle->path == NULL && is_public_place (full.data)))
    return 0;
  const int is_public = is_public_file (scan, hit->index, report, err);
  if (is_public != 0)
    return is_public < 0 ? -1 : 0;
  const int is_one = needle->path == NULL ? is_key (scan, hit, err) : 1;
  if (is_one < 0)
    return -1;
  return is_one == 0 ? 0 : fail (needle, full.data, err);
}

int
dc_scan_check (struct dc_scan *scan, const struct dc_report *report,
               struct dc_error *err)
{
  /* What is known is told before what only looks like a key. */
  for (int is_known = 1; is_known >= 0; is_known--)
    for (size_t i = 0; i < scan->hit_count; i++)
      if ((scan->needles[scan->hits[i].needle].path != NULL) == is_known &&
          check_hit (scan, &scan->hits[i], report, err) < 0)
        return -1;
  return 0;
}

void
dc_scan_free (struct dc_scan *scan)
{
  if (scan == NULL)
    return;
  if (scan->needles != NULL)
    explicit_bzero (scan->needles, scan->count * sizeof *scan->needles);
  free (scan->needles);
  dc_match_free (scan->match);
  dc_match_free (scan->packaged);
  free (scan->packaged_needles);
  free (scan->may_stay);
  free (scan->hits);
  dc_verification_free (scan->verification);
  free (scan);
}
