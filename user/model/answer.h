/* SPDX-License-Identifier: GPL-2.0 */
/* Three answers to a question about a host; unknown is never no. */
#ifndef KVAS_ANSWER_H
#define KVAS_ANSWER_H

enum answer { ANSWER_UNKNOWN = 0, ANSWER_NO = 1, ANSWER_YES = 2 };

/* "yes", "no", "unknown". Static storage. */
const char *answer_word(enum answer a);
/* "on", "off", "unknown". Static storage. */
const char *answer_on_off(enum answer a);

#endif
