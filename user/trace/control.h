/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A window opened and shut from outside, as perf stat's --control does: lines
 * "enable" and "disable" come in by one FIFO, "ack" goes out by another.
 */
#ifndef KVAS_CONTROL_H
#define KVAS_CONTROL_H

#include "err.h"

struct control {
	int in; /* -1 none */
	int ack; /* -1 none */
	char buf[256]; /* read and not yet obeyed */
	unsigned int used;
};

enum control_word {
	CONTROL_NONE = 0, /* nothing whole has come yet */
	CONTROL_ENABLE = 1,
	CONTROL_DISABLE = 2,
};

/* Open SPEC, "CTL" or "CTL,ACK": two FIFOs that exist. */
int control_open(struct control *c, const char *spec, struct err *e);
void control_close(struct control *c);
/* The next word that came; -1 with E for one that is neither. Does not block. */
int control_next(struct control *c, struct err *e);
/* Tell that the last word was obeyed. A peer that does not read loses it. */
void control_ack(struct control *c);

#endif
