/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/init/shelllex.h"

bool
dc_shell_spend (struct dc_shell *shell, size_t size)
{
  if (size > *shell->budget) {
    *shell->budget = 0;
    shell->is_cut = true;
    return false;
  }
  *shell->budget -= size;
  return true;
}

bool
dc_shell_is_name_byte (char c, bool is_first)
{
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (!is_first && c >= '0' && c <= '9');
}

unsigned
dc_shell_line (struct dc_shell_lex *lex)
{
  for (; lex->counted < lex->p; lex->counted++)
    lex->line += *lex->counted == '\n';
  return lex->line;
}

const char *
dc_shell_close (const char *p, const char *end, char open, char close)
{
  size_t depth = 1;

  for (; p < end; p++) {
    if (*p == '\\' && p + 1 < end) {
      p++;
    } else if (*p == '\'' || *p == '"') {
      const char *quote = memchr (p + 1, *p, (size_t) (end - p - 1));
      if (quote != NULL)
        p = quote;
    } else if (*p == open) {
      depth++;
    } else if (*p == close && --depth == 0) {
      return p + 1;
    }
  }
  return end;
}
