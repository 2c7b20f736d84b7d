/* SPDX-License-Identifier: GPL-2.0 */
/* The map of this kernel's address space. */
#ifndef KVAS_VIEW_LAYOUT_H
#define KVAS_VIEW_LAYOUT_H

#include "kernel/layout.h"
#include "model/meta.h"
#include "pgtable/survey.h"
#include "view/document.h"

/* Of document_layout. */
struct layout_view {
	const struct host_info *host;
	const struct layout_proof *proof;
	__u64 text_pa; /* physical address of _text; 0 unknown */
	struct survey survey; /* of kvas's own table, kernel half */
	__u64 survey_ns; /* the time that took */
};

/* Bounds of region R as its row shows them; false when there is no such region here, or
 * its place is not known. */
bool view_layout_bounds(const struct layout_view *v, enum kvas_region r, __u64 *start, __u64 *end);
/* Does the architecture fix where R begins, and is no more to say of its place? */
bool view_layout_fixed(enum kvas_region r);
/* How the place of R is known, or why it is not. */
#define LAYOUT_HOW_MAX 160
const char *view_layout_how(const struct layout_view *v, enum kvas_region r, char *buf);

/* What makes the room of R, or why it is not known; NULL: there is nothing to say. */
const char *view_layout_room(const struct layout_view *v, enum kvas_region r);

/* How far KASLR moved a region up from its place without KASLR. */
struct kaslr_move {
	const char *name; /* of the region */
	bool known; /* both places are */
	__u64 by;
};
#define KASLR_MOVES 4
void view_layout_moves(const struct layout_view *v, struct kaslr_move moves[KASLR_MOVES]);

#endif
