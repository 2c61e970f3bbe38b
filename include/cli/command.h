/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command of the program as a table: its options, arguments, words and examples.
 * Parsing, --help, the manual page and the shells' completions all follow from it.
 *
 * Exit status: 0 done; 1 an expectation failed; 2 misuse of the command line, nothing was
 * done; 3 bad input, or output that could not be written; 130 interrupted.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/arena.h"
#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum exit_status {
    EXIT_DONE = 0,
    EXIT_EXPECTATION = 1,
    EXIT_MISUSE = 2,
    EXIT_BAD_INPUT = 3,
    EXIT_INTERRUPTED = 130
};

enum option_type {
    OPTION_FLAG,     /* bool; takes no value */
    OPTION_TEXT,     /* const char * */
    OPTION_FILE,     /* const char *; completed as a file */
    OPTION_NUMBER,   /* struct option_number: a finite number >= 0 */
    OPTION_INTEGER,  /* struct option_integer: a whole number >= 0 */
    OPTION_DURATION, /* struct option_integer in nanoseconds, >= 0: 30s, 2h, 7d */
    OPTION_WORD,     /* int: index of the word; the first is the default */
    OPTION_LIST      /* struct option_list; may be given again */
};

struct option_number {
    bool given;
    double value;
    const char *text; /* as written */
};

struct option_integer {
    bool given;
    int64_t value;
    const char *text;
};

struct option_list {
    const char **items;
    size_t count;
    size_t cap;
};

struct option {
    const char *name; /* without dashes */
    char letter;      /* 0: none */
    enum option_type type;
    const char *value;        /* "FILE"; NULL for flags */
    size_t offset;            /* in the command's options */
    const char *const *words; /* OPTION_WORD, NULL-terminated */
    const char *implied; /* value when none follows (only as --name=value then); NULL: needed */
    const char *doc;
};

/* Options that several commands share, at one place in each one's options. */
struct option_group {
    const char *title; /* "Controllers"; NULL for the command's own */
    const struct option *options;
    size_t count;
    size_t offset;
};

#define COMMAND_GROUPS 3

struct example {
    const char *line; /* "podtide run scenario.yaml" */
    const char *doc;
};

struct invocation {
    const struct command *command;
    struct arena *arena;
    struct diag *diag;
    const void *options; /* the command's struct */
    const char *const *arguments;
    size_t argument_count;
    FILE *out;
    FILE *err;
};

struct command {
    const char *name;
    const char *summary;   /* one line, no full stop */
    const char *arguments; /* "SCENARIO [MANIFEST...]" */
    const char *text;      /* paragraphs, parted by empty lines */
    struct option_group groups[COMMAND_GROUPS];
    size_t options_size;
    size_t min_arguments;
    size_t max_arguments;
    const char *const *words; /* what the first argument may be; NULL: files */
    const struct example *examples;
    size_t example_count;
    int (*run)(
        const struct invocation *in); /* exit status; diagnostics are printed by the caller */
};

/* All commands, in the order of the help; NULL past the last. */
const struct command *command_at(size_t i);
const struct command *command_find(const char *name);

/* Option i of all groups of a command, with its offset made whole; false past the last. */
bool command_option(const struct command *command, size_t i, struct option *out,
                    const struct option_group **group);

/*
 * Reads the arguments after the command's name into in->options and in->arguments. False after
 * misuse, which has been told on in->err. help is set when --help was asked for.
 */
bool command_parse(struct invocation *in, int argc, char **argv, bool *help);

/* Writes what --help shows. */
void help_command(FILE *out, const struct command *command);
void help_program(FILE *out);
/* The manual page, in man(7). */
void man_page(FILE *out);
/* Completions for bash, zsh and fish. */
void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

#define PROGRAM_VERSION "0.1.0"
#define PROGRAM_NAME    "podtide " PROGRAM_VERSION

#endif
