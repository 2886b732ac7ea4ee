/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_INIT_SHELL_H
#define DC_ANALYZER_INIT_SHELL_H

/* shell: what a shell script says, without running it.
 *
 * The text is read from its first line to its last: assignments are kept, the
 * files under /etc that it reads with "." are read too, and each simple
 * command is handed over with its variables put in.  Branches are not
 * decided: an assignment in an if, a case, a loop, a function, or behind &&
 * and ||, counts where the variable had no value; one at the outermost level
 * always counts.
 *
 * What only a running shell knows ($(...), $?, the arguments of functions, an expansion that is not
 * one of ${X:-a} ${X:=a} ${X:+a} ${X#a} ${X%a} and their short and long
 * forms) is the byte DC_SHELL_UNKNOWN in a word or value.
 *
 *   shell      variables, files, what a statement means
 *   shelllex   where statements and words end
 *   shellword  what a word expands to
 *
 * Source: POSIX.1-2024, XCU 2 "Shell Command Language"; bash(1) for NAME+=
 * and NAME=(...).
 */

#include <stdbool.h>

#include "analyzer/evidence.h"
#include "lib/buffer.h"
#include "lib/span.h"
#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_SHELL_FILE_MAX ((size_t) 1024 * 1024)       /* bytes of a script */
#define DC_SHELL_TOTAL_MAX ((size_t) 16 * 1024 * 1024) /* bytes of a guest's */
#define DC_SHELL_VALUE_MAX ((size_t) 64 * 1024)        /* bytes of a value */
#define DC_SHELL_DEPTH_MAX 8      /* files that read each other */
#define DC_SHELL_NEST_MAX 16      /* expansions in expansions */
#define DC_SHELL_VARIABLE_MAX 512 /* further ones are not kept */
#define DC_SHELL_UNKNOWN '\001'

struct dc_shell_variable {
  char *name;
  char *value;
  struct dc_proof proof; /* the shell owns the file's name */
};

/* A simple command; all borrowed. */
struct dc_shell_command {
  const struct dc_words *words; /* one at least */
  const char *function;         /* in whose body it stands; NULL: in none */
  struct dc_proof proof;
};

/* 0, or -1 to stop. */
typedef int dc_shell_reader (void *self, const struct dc_shell_command *command,
                             struct dc_error *err);

struct dc_shell {
  struct dc_tree *tree;
  const char *name;      /* $0; may be NULL */
  const char *argument;  /* $1 outside functions; NULL: none */
  dc_shell_reader *read; /* gets the commands; may be NULL */
  void *self;
  size_t *budget; /* bytes that may still be read and made of it */
  struct dc_shell_variable *variables;
  size_t count;
  struct dc_words files;     /* those read, each as often as it was read */
  struct dc_words functions; /* that are defined */
  unsigned depth;
  bool is_cut; /* a limit kept something from being read */
};

/* Read the script at PATH: 1; 0 when there is no such file, or it is none of
 * text; -1: DC_ERR_SYSTEM, or what the reader says.  Limits set is_cut.
 */
int dc_shell_read (struct dc_shell *shell, const char *path,
                   struct dc_error *err);
/* The same of SIZE bytes at TEXT, of FILE.  0 or -1. */
int dc_shell_parse (struct dc_shell *shell, const char *text, size_t size,
                    const char *file, struct dc_error *err);
/* Set a variable, as the environment of the script would. */
int dc_shell_set (struct dc_shell *shell, const char *name, const char *value,
                  struct dc_proof proof, struct dc_error *err);
/* NULL: never set. */
const struct dc_shell_variable *dc_shell_find (const struct dc_shell *shell,
                                               const char *name);
/* Its value; NULL when it is not set, empty, or not known. */
const char *dc_shell_value (const struct dc_shell *shell, const char *name);
bool dc_shell_is_known (const char *text);
/* Append the words that TEXT is when the shell splits and expands it, as
 * eval would.
 */
int dc_shell_split (struct dc_shell *shell, const char *text,
                    struct dc_words *words, struct dc_error *err);
/* All but BUDGET, TREE, NAME and the reader becomes as of a new shell. */
void dc_shell_release (struct dc_shell *shell);

#endif
