/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/finding.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"
#include "transform/ownaddress.h"

#define NEEDLE_MAX 64
#define WORD_SIZE_MIN 4 /* bytes of a name without a domain */

struct search {
  struct dc_tree *tree;
  const struct dc_profile *profile;
  struct dc_words needles; /* addresses, then names */
  size_t address_count;
  struct dc_words *findings;
  size_t count;
};

/* Files that say who the machine is, which the runtime writes itself. */
static const char *const skipped[] = { "etc/hosts", "etc/hostname",
                                       "etc/mailname", "etc/motd",
                                       "etc/issue" };

/* Addresses that a container has too, or that mean any. */
static bool
is_everywhere (const char *address)
{
  return strncmp (address, "127.", 4) == 0 || strcmp (address, "::1") == 0 ||
         strcmp (address, "0.0.0.0") == 0 || strcmp (address, "::") == 0 ||
         strncasecmp (address, "fe80:", 5) == 0;
}

static int
add_needle (struct search *search, const char *text, size_t size,
            struct dc_error *err)
{
  AUTO_FREE char *copy = strndup (text, size);

  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep an address");
  if (size == 0 || search->needles.count == NEEDLE_MAX ||
      dc_words_has (&search->needles, copy))
    return 0;
  return dc_words_add (&search->needles, copy, err);
}

static int
add_addresses (struct search *search, struct dc_error *err)
{
  const struct dc_network *network = &search->profile->network;

  for (size_t i = 0; i < network->interface_count; i++) {
    const struct dc_words *addresses = &network->interfaces[i].addresses;
    for (size_t j = 0; j < addresses->count; j++) {
      const char *text = addresses->items[j];
      const size_t size = strcspn (text, "/");
      if (!is_everywhere (text) && strpbrk (text, ".:") != NULL &&
          add_needle (search, text, size, err) < 0)
        return -1;
    }
  }
  search->address_count = search->needles.count;
  return 0;
}

/* A name that is an ordinary word would be found everywhere. */
static bool
is_telling (const char *name)
{
  return strchr (name, '.') != NULL ||
         (strlen (name) >= WORD_SIZE_MIN && strpbrk (name, "-0123456789"));
}

static int
add_names (struct search *search, struct dc_error *err)
{
  const char *hostname = search->profile->hostname;
  const struct dc_words *names = &search->profile->network.own_names;

  if (hostname != NULL && is_telling (hostname) &&
      add_needle (search, hostname, strlen (hostname), err) < 0)
    return -1;
  for (size_t i = 0; i < names->count; i++)
    if (is_telling (names->items[i]) &&
        strncmp (names->items[i], "localhost", 9) != 0 &&
        strncmp (names->items[i], "ip6-", 4) != 0 &&
        add_needle (search, names->items[i], strlen (names->items[i]), err) < 0)
      return -1;
  return 0;
}

/* Could the byte belong to a longer address or name? */
static bool
is_part (char byte)
{
  return isalnum ((unsigned char) byte) || byte == '-' || byte == '_';
}

static bool
has_word (struct dc_span line, const char *needle)
{
  const size_t size = strlen (needle);
  const char *s = line.text, *const end = line.text + line.size;

  while ((s = memmem (s, (size_t) (end - s), needle, size)) != NULL) {
    const char *after = s + size;
    const bool goes_on =
        after < end && (is_part (*after) || (*after == '.' && after + 1 < end &&
                                             is_part (after[1])));
    const bool begins_before =
        s > line.text && (is_part (s[-1]) || s[-1] == '.');
    if (!goes_on && !begins_before)
      return true;
    s++;
  }
  return false;
}

/* Words by which a line says where to listen, in lower case. */
static bool
is_listening (struct dc_span line)
{
  static const char *const words[] = {
    "listen",        "bind",      "inet_interfaces", "inet_protocols",
    "network.host",  "http.host", "server.address",  "local-address",
    "local_address", "interface", "<address>",       "address=",
  };

  for (size_t i = 0; i < DC_COUNT (words); i++) {
    const size_t size = strlen (words[i]);
    for (size_t j = 0; j + size <= line.size; j++)
      if (strncasecmp (line.text + j, words[i], size) == 0)
        return true;
  }
  return false;
}

static int
note (struct search *search, const char *path, unsigned row,
      struct dc_span line, size_t needle, struct dc_error *err)
{
  const char *text = search->needles.items[needle];
  const bool is_address = needle < search->address_count;
  char *finding = NULL;

  if (search->count++ >= DC_OWNADDRESS_FINDING_MAX)
    return 0;
  const int status =
      is_address && is_listening (line)
          ? dc_text_print (&finding, err,
                           "/%s:%u: listens on %s, an address of the virtual "
                           "machine, which the container does not have: write "
                           "%s there before the conversion",
                           dc_quote (path).text, row, dc_quote (text).text,
                           strchr (text, ':') != NULL ? "::" : "0.0.0.0")
          : dc_text_print (&finding, err,
                           "/%s:%u: names %s, %s of the virtual machine",
                           dc_quote (path).text, row, dc_quote (text).text,
                           is_address ? "an address" : "the name");
  return status < 0 ? -1 : dc_words_take (search->findings, finding, err);
}

static bool
is_comment (struct dc_span line)
{
  const struct dc_span text = dc_span_trim (line);

  return text.size == 0 || text.text[0] == '#' || text.text[0] == ';' ||
         dc_span_starts (text, "//");
}

static int
look (struct search *search, uint32_t index, const struct dc_buffer *content,
      struct dc_error *err)
{
  struct dc_span rest = { dc_buffer_text (content), content->size }, line;
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  unsigned row = 0;

  if (memchr (rest.text, '\0', rest.size) != NULL)
    return 0;
  while (dc_span_line (&rest, &line)) {
    row++;
    for (size_t i = 0; i < search->needles.count; i++) {
      if (!has_word (line, search->needles.items[i]) || is_comment (line))
        continue;
      if (path.size == 0 && dc_tree_path (search->tree, index, &path, err) < 0)
        return -1;
      for (size_t j = 0; j < DC_COUNT (skipped); j++)
        if (strcmp (dc_buffer_text (&path), skipped[j]) == 0)
          return 0;
      if (note (search, dc_buffer_text (&path), row, line, i, err) < 0)
        return -1;
      break;
    }
  }
  return 0;
}

static int
look_through (struct search *search, const uint32_t *owners,
              const struct dc_selection *selection, struct dc_error *err)
{
  static const char *const folders[] = { "etc", "opt", "srv", "usr/local/etc" };
  const struct dc_tree *tree = search->tree;
  AUTO_FREE uint8_t *is_below = calloc (tree->count, sizeof *is_below);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_OWNADDRESS_SIZE_MAX);
  uint64_t total = 0;
  size_t files = 0;

  if (is_below == NULL)
    return dc_fail_errno (err, "cannot keep %u marks", tree->count);
  dc_tree_mark_below (tree, folders, DC_COUNT (folders), is_below);
  for (uint32_t i = 0; i < tree->count; i++) {
    const struct dc_entry *entry = &tree->entries[i];
    if (!is_below[i] || !S_ISREG (entry->mode) || entry->hardlink != i ||
        entry->size == 0 || entry->size > DC_OWNADDRESS_SIZE_MAX ||
        owners[i] != DC_TREE_NONE || dc_selection_reason (selection, i) != NULL)
      continue;
    total += entry->size;
    if (++files > DC_OWNADDRESS_FILE_MAX || total > DC_OWNADDRESS_TOTAL_MAX)
      return 0;
    dc_buffer_clear (&b);
    if (dc_buffer_reserve (&b, (size_t) entry->size, err) < 0)
      return -1;
    if (dc_tree_read (search->tree, i, 0, b.data, (size_t) entry->size, err) <
        0) {
      if (!dc_is_fault_of_guest (err->code))
        return -1;
      continue;
    }
    b.size = (size_t) entry->size;
    b.data[b.size] = '\0';
    if (look (search, i, &b, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_ownaddress_find (struct dc_tree *tree, const struct dc_profile *profile,
                    const uint32_t *owners,
                    const struct dc_selection *selection,
                    struct dc_words *findings, struct dc_error *err)
{
  struct search search = { .tree = tree,
                           .profile = profile,
                           .findings = findings };
  int status = add_addresses (&search, err);

  if (status == 0)
    status = add_names (&search, err);
  if (status == 0 && search.needles.count > 0)
    status = look_through (&search, owners, selection, err);
  dc_words_release (&search.needles);
  return status;
}
