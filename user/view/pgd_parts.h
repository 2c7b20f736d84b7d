/* SPDX-License-Identifier: GPL-2.0 */
/* What kvas pgd -p and -a both say. */
#ifndef KVAS_VIEW_PGD_PARTS_H
#define KVAS_VIEW_PGD_PARTS_H

#include <jansson.h>
#include <stdio.h>

#include "model/meta.h"
#include "pgtable/pgds.h"

void pgd_part_head(FILE *f, const char *title, const struct host_info *host);
/* Where the kernel's own table is, and how the others compare with it. */
void pgd_part_reference(FILE *f, const struct pgds *p);
/* Tables shared and private, and what the top levels cost. */
void pgd_part_cost(FILE *f, const struct pgds *p, int levels);

json_t *pgd_part_half_json(const struct half_compare *h);
json_t *pgd_part_tables_json(const struct table_count *t);
/* The object both begin with. */
json_t *pgd_part_json(const struct host_info *host, const struct pgds *p);

#endif
