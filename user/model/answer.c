/* SPDX-License-Identifier: GPL-2.0 */
#include "model/answer.h"

const char *answer_word(enum answer a)
{
	return a == ANSWER_YES ? "yes" : a == ANSWER_NO ? "no" : "unknown";
}

const char *answer_on_off(enum answer a)
{
	return a == ANSWER_YES ? "on" : a == ANSWER_NO ? "off" : "unknown";
}
