/* SPDX-License-Identifier: GPL-2.0 */
/* The parts that kvas pgd -p and -a share. */
#ifndef KVAS_VIEW_PGD_PARTS_H
#define KVAS_VIEW_PGD_PARTS_H

#include <stdio.h>

#include "model/meta.h"
#include "pgtable/pgds.h"
#include "view/json_doc.h"

void pgd_part_head(FILE *f, const char *title, const struct host_info *host);
/* Where the kernel's own table is, and how the others compare with it. */
void pgd_part_reference(FILE *f, const struct pgds *p, const struct paging *pg);
/* Tables shared and private, and what the top levels cost. */
void pgd_part_cost(FILE *f, const struct pgds *p, int levels);

/* Of an element of "processes": {"kernel_half": ...}. New reference. */
json_t *pgd_part_half_json(struct json_doc *d, const struct half_compare *h);
json_t *pgd_part_tables_json(const struct table_count *t);
/* Make D's root: the keys that both documents begin with. */
void pgd_part_json(struct json_doc *d, const struct host_info *host, const struct pgds *p);

#endif
