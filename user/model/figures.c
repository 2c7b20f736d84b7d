/* SPDX-License-Identifier: GPL-2.0 */
#include "model/figures.h"

_Static_assert(HOOK_COUNT <= 64, "a bit per hook");

/* HOOKS(a, b): the bits of up to three hooks. */
#define HOOK_BIT(h) (1ULL << HOOK_##h)
#define HOOKS_0() 0
#define HOOKS_1(a) HOOK_BIT(a)
#define HOOKS_2(a, b) (HOOK_BIT(a) | HOOK_BIT(b))
#define HOOKS_3(a, b, c) (HOOK_BIT(a) | HOOK_BIT(b) | HOOK_BIT(c))
#define HOOKS_OF(none, a, b, c, number, ...) HOOKS_##number
#define HOOKS(...) HOOKS_OF(0 __VA_OPT__(,) __VA_ARGS__, 3, 2, 1, 0, 0)(__VA_ARGS__)

const struct section_row section_rows[SECTION_COUNT] = {
#define SECTION(id, word, form, title) [SECTION_##id] = { word, SECTION_##form, title },
#include "model/figures.def"
};

const struct figure_order figure_order[SECTION_COUNT + FIGURE_COUNT] = {
#define SECTION(id, word, form, title) { true, SECTION_##id },
#define FIGURE(id, path, label, unit, kind, source, shown, of, rule, arg, hooks, without, doc) \
	{ false, FIGURE_##id },
#include "model/figures.def"
};

const struct figure_row figure_rows[FIGURE_COUNT] = {
#define FIGURE(id, path, label, unit, kind, source, shown, of, rule, arg, hooks, without, doc)     \
	[FIGURE_##id] = { path, label, UNIT_##unit, KIND_##kind, SOURCE_##source, SHOWN_##shown, \
			  FIGURE_##of, hooks, without, doc },
#include "model/figures.def"
};

const char *const figure_live_words[FIGURE_COUNT] = {
#define LIVE(id, word) [FIGURE_##id] = word,
#include "model/figures.def"
};

const char *figure_source_word(enum figure_source s)
{
	static const char *const words[] = { [SOURCE_OBSERVED] = "observed",
					     [SOURCE_DERIVED] = "derived",
					     [SOURCE_SAMPLED] = "sampled" };

	return words[s];
}

const char *figure_unit_word(enum figure_unit u)
{
	static const char *const words[] = { [UNIT_COUNT] = "count", [UNIT_BYTES] = "bytes",
					     [UNIT_NS] = "ns", [UNIT_FLAG] = "flag" };

	return words[u];
}
