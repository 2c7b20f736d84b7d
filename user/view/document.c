/* SPDX-License-Identifier: GPL-2.0 */
#include "view/document.h"

void document_print(const struct document *d, enum format how, FILE *f, const void *what,
		    const struct view_opts *o)
{
	d->print[how](f, what, o);
}
