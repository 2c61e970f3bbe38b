/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the command, reads its options, runs it, prints what was found wrong, and turns
 * all that into an exit status.
 *
 * A closed standard output (`podtide ... | head`) ends the program without a word; output
 * that could not be written for another reason is an error even when all else went well.
 */
#include "base/str.h"
#include "cli/command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int unknown_command(const char *name)
{
    const char *names[32];
    size_t count = 0;
    for (; count < 32 && command_at(count); count++)
        names[count] = command_at(count)->name;
    fprintf(stderr, "podtide: there is no command \"%s\"", name);
    const char *near = str_nearest(name, names, count);
    if (near)
        fprintf(stderr, "; did you mean \"%s\"?", near);
    fprintf(stderr, "\nTry 'podtide --help'.\n");
    return EXIT_MISUSE;
}

/* Is standard output a pipe that nobody reads any more? */
static bool reader_is_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}

/* What went to standard output must have arrived, unless nobody wanted more of it. */
static int check_output(int status)
{
    errno = 0;
    int why = fflush(stdout) != 0 ? errno : 0;
    if ((why == 0 && !ferror(stdout)) || reader_is_gone())
        return status;
    fprintf(stderr, "podtide: standard output: %s\n", why ? strerror(why) : "write error");
    return status == EXIT_DONE ? EXIT_BAD_INPUT : status;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct arena arena = {0};
    struct diag diag = {.arena = &arena};
    struct invocation in = {
        .command = command, .arena = &arena, .diag = &diag, .out = stdout, .err = stderr};
    bool help = false;
    int status = EXIT_MISUSE;
    if (command_parse(&in, argc, argv, &help)) {
        status = EXIT_DONE;
        if (help)
            help_command(stdout, command);
        else
            status = command->run(&in);
        if (diag.errors > 0 && status == EXIT_DONE)
            status = EXIT_BAD_INPUT;
    }
    fflush(stdout);
    diag_print(&diag, stderr);
    arena_drop(&arena);
    return status;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        help_program(stderr);
        return EXIT_MISUSE;
    }
    if (str_equal(argv[1], "--help") || str_equal(argv[1], "-h")) {
        help_program(stdout);
        return check_output(EXIT_DONE);
    }
    if (str_equal(argv[1], "--version") || str_equal(argv[1], "-V")) {
        puts(PROGRAM_NAME);
        return check_output(EXIT_DONE);
    }
    const struct command *command = command_find(argv[1]);
    if (!command)
        return unknown_command(argv[1]);
    return check_output(run_command(command, argc - 2, argv + 2));
}
