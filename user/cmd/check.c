/* SPDX-License-Identifier: GPL-2.0 */
#include "cmd/cmd.h"
int cmd_check(const struct cli *cli)
{
	(void)cli;
	return 0;
}
