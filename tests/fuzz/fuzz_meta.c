/* SPDX-License-Identifier: GPL-2.0 */
/* Any bytes as a recording's meta.json. What is taken is shown, too. */
#include "fuzz.h"

#include "event/meta_json.h"

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	static struct meta m;
	struct meta_tables t;
	struct err e = { 0 };
	struct agg *a;

	if (meta_json_parse((const char *)data, size, "fuzz", &m, &t, &e)) {
		assert(e.text[0]);
		return 0;
	}
	assert(t.schema >= 1 && t.schema <= KVAS_SCHEMA);
	assert(m.nr_hooks <= META_MAX_HOOKS && t.nr <= META_MAX_TABLES);
	a = agg_create(&m);
	assert(a);
	fuzz_views(a);
	agg_destroy(a);
	return 0;
}
