/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_LIVE_H
#define DC_INIT_LIVE_H

/* live: the specifiers that only a running system knows, put into the words
 * of the plan when it is read.
 *
 *   b   the boot's id      m   /etc/machine-id, empty if there is none
 *   v   the kernel's version
 *
 * Source: systemd.unit(5), "Specifiers".
 */

#define DI_LIVE_LETTERS "bmv"
#define DI_LIVE_MARK '\001' /* stands before the letter in a word */

/* WORD with its marked letters replaced, in new memory; NULL: there is none
 * left.
 */
char *di_live_expand (const char *word);

#endif
