/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a document had to leave out for want of memory. Its builders go on without it, as most have
 * nobody to tell; whoever ends the document asks. One thread builds documents.
 */
#ifndef KVAS_SHORT_MEMORY_H
#define KVAS_SHORT_MEMORY_H

/* Something is left out. */
void short_memory_note(void);
/* How often that was noted since the start; every allocation of jansson's that failed is among it. */
unsigned long short_memory_noted(void);

#endif
