/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/daemon.h"
#include "lib/glob.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/tree/glob.h"

/* Is there enough of everything left?  The first time that there is not, it
 * is noted.
 */
static int
spend (const struct dc_daemon *daemon, struct dc_proof proof, size_t bytes,
       size_t includes, struct dc_error *err)
{
  struct dc_conf_budget *budget = daemon->budget;
  const size_t files = includes == 0;

  if (!budget->is_exhausted && bytes <= budget->bytes &&
      files <= budget->files && includes <= budget->includes) {
    budget->bytes -= bytes;
    budget->files -= files;
    budget->includes -= includes;
    return 1;
  }
  if (budget->is_exhausted)
    return 0;
  budget->is_exhausted = true;
  return dc_daemon_note (daemon, proof, err,
                         "the configuration files of the guest's services are "
                         "too many or too large, reading no more of them");
}

int
dc_daemon_read (const struct dc_daemon *daemon, const char *path,
                struct dc_proof proof, struct dc_buffer *b,
                struct dc_error *err)
{
  struct dc_error why = { .code = DC_OK };
  const size_t before = b->size;
  const char *text = "it is not there";

  const int status = dc_tree_read_file (daemon->tree, path, b, &why);
  if (status < 0 && why.code == DC_ERR_SYSTEM) {
    *err = why;
    return -1;
  }
  if (status < 0)
    text = why.text;
  if (status == 1) {
    const struct dc_span read = { dc_buffer_text (b) + before,
                                  b->size - before };
    if (!dc_span_has (read, '\0'))
      return spend (daemon, proof, read.size, 0, err);
    text = "it holds a NUL byte";
  }
  return dc_daemon_note (daemon, proof, err, "cannot use '%s': %s",
                         dc_quote (path).text, text);
}

int
dc_daemon_include (const struct dc_daemon *daemon, const char *pattern,
                   struct dc_proof proof, struct dc_words *paths,
                   struct dc_error *err)
{
  struct dc_error why = { .code = DC_OK };

  if (!dc_glob_is_pattern (pattern))
    return dc_words_add (paths, pattern, err) < 0 ? -1 : 1;
  const int status = spend (daemon, proof, 0, 1, err);
  if (status <= 0)
    return status;
  if (dc_tree_glob (daemon->tree, pattern, paths, &why) == 0)
    return 1;
  if (why.code == DC_ERR_SYSTEM) {
    *err = why;
    return -1;
  }
  return dc_daemon_note (daemon, proof, err, "cannot include %s", why.text);
}
