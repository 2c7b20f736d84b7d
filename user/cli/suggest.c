/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>

#include "cli/table.h"

#define LONGEST 32

unsigned int cli_distance(const char *a, const char *b)
{
	unsigned int d[LONGEST + 1][LONGEST + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > LONGEST || m > LONGEST)
		return LONGEST;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			unsigned int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[n][m];
}

/* Nearer than this is a slip of the finger; farther is another word. */
static unsigned int limit(const char *word)
{
	return strlen(word) < 4 ? 2 : 3;
}

const char *cli_closest_command(const char *word)
{
	const char *found = NULL;
	unsigned int best = limit(word);

	for (int i = 0; i < CMD_COUNT; i++) {
		unsigned int d = cli_distance(word, cli_commands[i].name);

		if (d < best) {
			best = d;
			found = cli_commands[i].name;
		}
	}
	return found;
}

const struct cli_option *cli_closest_option(const char *word, enum cli_command cmd)
{
	const struct cli_option *found = NULL;
	unsigned int best = limit(word);

	for (unsigned int i = 0; i < cli_option_count; i++) {
		unsigned int d = cli_distance(word, cli_options[i].name);

		if (cli_options[i].commands & ON(cmd) && d < best) {
			best = d;
			found = &cli_options[i];
		}
	}
	return found;
}
