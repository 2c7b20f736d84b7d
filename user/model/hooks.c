/* SPDX-License-Identifier: GPL-2.0 */
#include "model/hooks.h"

#include <string.h>

#include "kvas/wire.h"

const struct hook hook_table[HOOK_COUNT] = {
#define HOOK(name, required, memory, what, without) \
	[HOOK_##name] = { #name, required, memory, what, without, {
#define WAY(how, target, program, args, derived) { HOW_##how, derived, target, program, args + 1 },
#define HOOK_END() } },
#include "kvas/hooks.def"
};

bool hook_wanted(const struct hook *h, __u32 emit)
{
	return !h->memory || emit & (1u << KVAS_KIND_MEMORY);
}

bool hook_needs_thread_size(const struct hook *h)
{
	return !strncmp(h->name, "irq_", 4) || !strcmp(h->name, "nmi");
}

const char *attach_how_name(enum attach_how how)
{
	static const char *const names[] = {
		[HOW_FENTRY] = "fentry",       [HOW_FEXIT] = "fexit",
		[HOW_KPROBE] = "kprobe",       [HOW_KRETPROBE] = "kretprobe",
		[HOW_TP_BTF] = "tp_btf",
	};

	return how >= HOW_FENTRY && how <= HOW_TP_BTF ? names[how] : "none";
}
