/* SPDX-License-Identifier: GPL-2.0 */
#include "short_memory.h"

static unsigned long noted;

void short_memory_note(void)
{
	noted++;
}

unsigned long short_memory_noted(void)
{
	return noted;
}
