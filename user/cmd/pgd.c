/* SPDX-License-Identifier: GPL-2.0 */
#include "cmd/cmd.h"
int cmd_pgd(const struct cli *cli)
{
	(void)cli;
	return 0;
}
