/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own mistakes: require() is always on and ends the program (abort) with
 * the condition and the place. Never for the user's input.
 */
#ifndef BASE_REQUIRE_H
#define BASE_REQUIRE_H

#define require(cond) ((cond) ? (void)0 : require_failed(#cond, __FILE__, __LINE__, __func__))

_Noreturn void require_failed(const char *cond, const char *file, int line, const char *func);

#endif
