/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/quote.h"
#include "transform/init/initcompiler.h"

/* Source: systemd.exec(5), RuntimeDirectory= and its kin, DynamicUser=. */
static const struct kind {
  const char *key, *mode_key, *word, *base;
  bool takes_links;
} kinds[] = {
  { "RuntimeDirectory", "RuntimeDirectoryMode", "runtime", "/run", true },
  { "StateDirectory", "StateDirectoryMode", "state", "/var/lib", true },
  { "CacheDirectory", "CacheDirectoryMode", "cache", "/var/cache", true },
  { "LogsDirectory", "LogsDirectoryMode", "logs", "/var/log", true },
  { "ConfigurationDirectory", "ConfigurationDirectoryMode", "configuration",
    "/etc", false },
};

/* "a/b" but not "/a", "../a", "a//b". */
static bool
is_below (const char *path)
{
  for (const char *s = path;;) {
    const size_t size = strcspn (s, "/");
    if (size == 0 || (size == 1 && s[0] == '.') ||
        (size == 2 && s[0] == '.' && s[1] == '.'))
      return false;
    if (s[size] == '\0')
      return true;
    s += size + 1;
  }
}

/* Folders before what is in them, as systemd sorts them. */
static int
compare (const void *a, const void *b)
{
  const char *left = *(char *const *) a, *right = *(char *const *) b;

  while (*left != '\0' && *left == *right) {
    left++;
    right++;
  }
  const int first = *left == '/' ? 1 : (unsigned char) *left;
  const int second = *right == '/' ? 1 : (unsigned char) *right;
  return first - second;
}

/* What the settings of one kind say; LINKS are "LINK" and "PATH" in turn. */
struct folders {
  struct dc_words paths, links;
};

static void
release (struct folders *folders)
{
  dc_words_release (&folders->paths);
  dc_words_release (&folders->links);
}

static int
add_path (struct folders *folders, const char *path, struct dc_error *err)
{
  return dc_words_has (&folders->paths, path)
             ? 0
             : dc_words_add (&folders->paths, path, err);
}

/* One word, "PATH" or "PATH:LINK": 1; 0 when it is not understood. */
static int
read_word (const struct kind *kind, const char *word, struct folders *folders,
           struct dc_error *err)
{
  const char *link = strchr (word, ':');
  AUTO_FREE char *path = strndup (word, strcspn (word, ":"));

  if (path == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  if (!is_below (path) ||
      (link != NULL && (!kind->takes_links || !is_below (link + 1) ||
                        strchr (link + 1, ':') != NULL)))
    return 0;
  if (add_path (folders, path, err) < 0)
    return -1;
  if (link != NULL && (dc_words_add (&folders->links, link + 1, err) < 0 ||
                       dc_words_add (&folders->links, path, err) < 0))
    return -1;
  return 1;
}

static int
read_words (struct dc_initservice *service, const struct kind *kind,
            struct folders *folders, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (dc_init_words (service, "Service", kind->key, &words, err) < 0)
    return -1;
  for (size_t i = 0; i < words.count; i++) {
    int status = read_word (kind, words.items[i], folders, err);
    if (status == 0)
      status =
          dc_init_note (service->compiler, service->unit, NULL, err,
                        "%s='%s' is not a path below %s, ignoring it",
                        kind->key, dc_quote (words.items[i]).text, kind->base);
    if (status < 0)
      return -1;
  }
  if (folders->paths.count > 1)
    qsort (folders->paths.items, folders->paths.count,
           sizeof *folders->paths.items, compare);
  return 0;
}

/* Do the folders of KIND lie in "private", as those of a dynamic user do? */
static bool
is_private (const struct dc_initservice *service, const struct kind *kind)
{
  const char *keep = dc_unit_value (service->unit, "Service",
                                    "RuntimeDirectoryPreserve", NULL);

  if (!dc_unit_is (service->unit, "Service", "DynamicUser", false) ||
      !kind->takes_links)
    return false;
  return strcmp (kind->word, "runtime") != 0 ||
         (keep != NULL && strcmp (keep, "restart") == 0) ||
         dc_unit_is (service->unit, "Service", "RuntimeDirectoryPreserve",
                     false);
}

static int
write_path (struct dc_initservice *service, const struct kind *kind,
            const char *path, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);

  if (dc_buffer_print (&b, err, "%s/%s", kind->base, path) < 0)
    return -1;
  return dc_initline_word (service->lines, dc_buffer_text (&b), err);
}

/* A relative link, as systemd makes it. */
static int
write_link (struct dc_initservice *service, const struct kind *kind,
            const char *link, const char *path, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer target = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);

  for (const char *s = strchr (link, '/'); s != NULL; s = strchr (s + 1, '/'))
    if (dc_buffer_print (&target, err, "../") < 0)
      return -1;
  if (dc_buffer_print (&target, err, "%s%s",
                       is_private (service, kind) ? "private/" : "",
                       path) < 0 ||
      dc_initline_begin (service->lines, "folder-link", err) < 0 ||
      write_path (service, kind, link, err) < 0 ||
      dc_initline_word (service->lines, dc_buffer_text (&target), err) < 0)
    return -1;
  return dc_initline_end (service->lines, err);
}

static int
write_kind (struct dc_initservice *service, const struct kind *kind,
            const struct folders *folders, struct dc_error *err)
{
  AUTO_FREE char *mode = NULL;

  if (folders->paths.count == 0)
    return 0;
  if (dc_init_mode (service, kind->mode_key, &mode, err) < 0 ||
      dc_initline_begin (service->lines, "folder", err) < 0 ||
      dc_initline_word (service->lines, kind->word, err) < 0 ||
      dc_initline_word (service->lines, mode, err) < 0)
    return -1;
  for (size_t i = 0; i < folders->paths.count; i++)
    if (write_path (service, kind, folders->paths.items[i], err) < 0)
      return -1;
  if (dc_initline_end (service->lines, err) < 0)
    return -1;
  for (size_t i = 0; i < folders->links.count; i += 2)
    if (write_link (service, kind, folders->links.items[i],
                    folders->links.items[i + 1], err) < 0)
      return -1;
  return 0;
}

int
dc_init_folders (struct dc_initservice *service, struct dc_error *err)
{
  bool is_said = false;

  for (size_t i = 0; i < DC_COUNT (kinds); i++) {
    struct folders folders = { { NULL, 0 }, { NULL, 0 } };
    int status = read_words (service, &kinds[i], &folders, err);
    if (status == 0 && !is_said && folders.paths.count > 0 &&
        is_private (service, &kinds[i])) {
      status = dc_initline (service->lines, err, "private-folders", NULL);
      is_said = true;
    }
    if (status == 0)
      status = write_kind (service, &kinds[i], &folders, err);
    release (&folders);
    if (status < 0)
      return -1;
  }
  return 1;
}
