/* SPDX-License-Identifier: GPL-2.0 */
/* Any command line, an argument a line: what is refused is told, and nothing else happens. */
#include "fuzz.h"

#include "cli/cli.h"

#define MOST_ARGS 64

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	char *text = malloc(size + 1), *at = text, *argv[MOST_ARGS + 2] = { "kvas" };
	static struct cli cli;
	struct err e = { 0 };
	int argc = 1;

	assert(text);
	memcpy(text, data, size);
	text[size] = '\0';
	while (at && *at && argc <= MOST_ARGS)
		argv[argc++] = strsep(&at, "\n");
	if (cli_parse(argc, argv, &cli, fuzz_null(), &e) == CLI_ERROR)
		assert(e.text[0]);
	free(text);
	return 0;
}
