/* SPDX-License-Identifier: GPL-2.0 */
/* Words that come by a FIFO, however they are cut. */
#include <fcntl.h>
#include <sys/stat.h>

#include "test.h"
#include "fixture.h"
#include "trace/control.h"

static char dir[64], ctl[80], ack[80], spec[170];
static struct control c;
static struct err e;
static int peer;

static int setup(void **state)
{
	(void)state;
	fixture_dir(dir, sizeof(dir));
	snprintf(ctl, sizeof(ctl), "%s/ctl", dir);
	snprintf(ack, sizeof(ack), "%s/ack", dir);
	snprintf(spec, sizeof(spec), "%s,%s", ctl, ack);
	if (mkfifo(ctl, 0600) || mkfifo(ack, 0600) || control_open(&c, spec, &e))
		return -1;
	peer = open(ctl, O_WRONLY);
	return peer < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(peer);
	control_close(&c);
	fixture_remove(dir);
	return 0;
}

static void say(const char *words)
{
	assert_int_equal(write(peer, words, strlen(words)), (ssize_t)strlen(words));
}

TEST_BETWEEN(words_in_order, setup, teardown)
{
	assert_int_equal(control_next(&c, &e), CONTROL_NONE);
	say("enable\ndisable\nenable\n");
	assert_int_equal(control_next(&c, &e), CONTROL_ENABLE);
	assert_int_equal(control_next(&c, &e), CONTROL_DISABLE);
	assert_int_equal(control_next(&c, &e), CONTROL_ENABLE);
	assert_int_equal(control_next(&c, &e), CONTROL_NONE);
}

TEST_BETWEEN(a_word_in_pieces, setup, teardown)
{
	say("en");
	assert_int_equal(control_next(&c, &e), CONTROL_NONE);
	say("able");
	assert_int_equal(control_next(&c, &e), CONTROL_NONE);
	say("\ndis");
	assert_int_equal(control_next(&c, &e), CONTROL_ENABLE);
	say("able\n");
	assert_int_equal(control_next(&c, &e), CONTROL_DISABLE);
}

TEST_BETWEEN(other_words_are_refused, setup, teardown)
{
	char longer[300];

	say("snapshot\n");
	assert_int_equal(control_next(&c, &e), -1);
	assert_non_null(strstr(e.text, "'snapshot'"));
	say("\n");
	assert_int_equal(control_next(&c, &e), -1);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	say(longer);
	assert_int_equal(control_next(&c, &e), -1);
	assert_non_null(strstr(e.text, "256 bytes"));
}

TEST_BETWEEN(the_answer_arrives, setup, teardown)
{
	char got[8] = "";
	int fd = open(ack, O_RDONLY | O_NONBLOCK);

	control_ack(&c);
	assert_int_equal(read(fd, got, sizeof(got)), 4);
	assert_string_equal(got, "ack\n");
	close(fd);
}

TEST_BETWEEN(what_is_no_fifo_is_refused, setup, teardown)
{
	struct control other;
	char path[100];

	snprintf(path, sizeof(path), "%s/none", dir);
	assert_int_equal(control_open(&other, path, &e), -1);
	assert_non_null(strstr(e.text, "mkfifo"));
	assert_int_equal(control_open(&other, "/dev/null", &e), -1);
	assert_non_null(strstr(e.text, "no FIFO"));
	snprintf(path, sizeof(path), "%s,/dev/null", ctl);
	assert_int_equal(control_open(&other, path, &e), -1);
	assert_int_equal(other.in, -1);
}

TESTS_RUN(NULL, NULL)
