/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion scripts for bash, zsh and fish, written out of the commands' tables: command
 * names, options, the words an option or argument may be, and files where files go.
 */
#include "base/str.h"
#include "cli/command.h"

#include <ctype.h>
#include <string.h>

static void write_names(FILE *out)
{
    const struct command *c;
    for (size_t i = 0; (c = command_at(i)); i++)
        fprintf(out, "%s%s", i ? " " : "", c->name);
}

static void write_words(FILE *out, const char *const *words)
{
    for (size_t i = 0; words && words[i]; i++)
        fprintf(out, "%s%s", i ? " " : "", words[i]);
}

static void bash_values(FILE *out, const struct command *c)
{
    struct option o;
    const struct option_group *group;
    for (size_t i = 0; command_option(c, i, &o, &group); i++) {
        if (!o.value || o.implied)
            continue;
        fprintf(out, "        %s,--%s", c->name, o.name);
        if (o.letter)
            fprintf(out, "|%s,-%c", c->name, o.letter);
        if (o.words) {
            fprintf(out, ") words=\"");
            write_words(out, o.words);
            fprintf(out, "\" ;;\n");
        } else {
            fprintf(out, ") %s ;;\n", o.type == OPTION_FILE ? "files=1" : "return");
        }
    }
}

static void bash_options(FILE *out, const struct command *c)
{
    struct option o;
    const struct option_group *group;
    fprintf(out, "        %s,-*) words=\"", c->name);
    for (size_t i = 0; command_option(c, i, &o, &group); i++)
        fprintf(out, "--%s ", o.name);
    fprintf(out, "--help\" ;;\n");
    if (c->words) {
        fprintf(out, "        %s,*) words=\"", c->name);
        write_words(out, c->words);
        fprintf(out, "\" ;;\n");
    }
}

void completion_bash(FILE *out)
{
    const struct command *c;
    fprintf(out, "# bash completion for podtide\n"
                 "_podtide() {\n"
                 "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                 "    local words= files=\n"
                 "    COMPREPLY=()\n"
                 "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                 "        COMPREPLY=($(compgen -W \"");
    write_names(out);
    fprintf(out, "\" -- \"$cur\"))\n"
                 "        return\n"
                 "    fi\n"
                 "    case ${COMP_WORDS[1]},$prev in\n");
    for (size_t i = 0; (c = command_at(i)); i++)
        bash_values(out, c);
    fprintf(out, "        *)\n"
                 "    case ${COMP_WORDS[1]},$cur in\n");
    for (size_t i = 0; (c = command_at(i)); i++)
        bash_options(out, c);
    fprintf(out, "        *) files=1 ;;\n"
                 "    esac\n"
                 "    esac\n"
                 "    if [ -n \"$files\" ]; then\n"
                 "        compopt -o filenames 2>/dev/null\n"
                 "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                 "    else\n"
                 "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                 "    fi\n"
                 "}\n"
                 "complete -F _podtide podtide\n");
}

/* Text inside zsh's '...[...]' : its own brackets, colons and quotes are escaped. */
static void zsh_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr("[]:\\", *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void zsh_option(FILE *out, const struct option *o)
{
    fprintf(out, "                '%s--%s%s[", o->type == OPTION_LIST ? "*" : "", o->name,
            o->value ? (o->implied ? "=-" : "=") : "");
    zsh_text(out, o->doc);
    fputc(']', out);
    if (o->value) {
        fprintf(out, "%s:%s:", o->implied ? ":" : "", o->value);
        if (o->words) {
            fputc('(', out);
            write_words(out, o->words);
            fputc(')', out);
        } else if (o->type == OPTION_FILE) {
            fputs("_files", out);
        }
    }
    fputs("' \\\n", out);
}

static void zsh_command(FILE *out, const struct command *c)
{
    struct option o;
    const struct option_group *group;
    fprintf(out, "        %s)\n            _arguments \\\n", c->name);
    for (size_t i = 0; command_option(c, i, &o, &group); i++)
        zsh_option(out, &o);
    fputs("                '--help[Shows help.]' \\\n", out);
    if (c->words) {
        fputs("                '1:what:(", out);
        write_words(out, c->words);
        fputs(")' \\\n", out);
    }
    fputs("                '*:file:_files' ;;\n", out);
}

void completion_zsh(FILE *out)
{
    const struct command *c;
    fputs("#compdef podtide\n"
          "_podtide() {\n"
          "    local -a commands\n"
          "    commands=(\n",
          out);
    for (size_t i = 0; (c = command_at(i)); i++) {
        fprintf(out, "        '%s:", c->name);
        zsh_text(out, c->summary);
        fputs("'\n", out);
    }
    fputs("    )\n"
          "    if (( CURRENT == 2 )); then\n"
          "        _describe command commands\n"
          "        return\n"
          "    fi\n"
          "    local command=$words[2]\n"
          "    shift words\n"
          "    (( CURRENT-- ))\n"
          "    case $command in\n",
          out);
    for (size_t i = 0; (c = command_at(i)); i++)
        zsh_command(out, c);
    fputs("    esac\n"
          "}\n"
          "_podtide \"$@\"\n",
          out);
}

static void fish_text(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void fish_option(FILE *out, const struct command *c, const struct option *o)
{
    fprintf(out, "complete -c podtide -n '__fish_seen_subcommand_from %s' -l %s", c->name, o->name);
    if (o->letter)
        fprintf(out, " -s %c", o->letter);
    if (o->value && !o->implied)
        fprintf(out, " -r%s", o->type == OPTION_FILE ? " -F" : " -f");
    if (o->words) {
        fputs(" -a '", out);
        write_words(out, o->words);
        fputc('\'', out);
    }
    fputs(" -d ", out);
    fish_text(out, o->doc);
    fputc('\n', out);
}

void completion_fish(FILE *out)
{
    const struct command *c;
    fputs("# fish completion for podtide\n", out);
    for (size_t i = 0; (c = command_at(i)); i++) {
        struct option o;
        const struct option_group *group;
        fprintf(out, "complete -c podtide -f -n __fish_use_subcommand -a %s -d ", c->name);
        fish_text(out, c->summary);
        fputc('\n', out);
        if (c->words) {
            fprintf(out, "complete -c podtide -f -n '__fish_seen_subcommand_from %s' -a '",
                    c->name);
            write_words(out, c->words);
            fputs("'\n", out);
        }
        for (size_t j = 0; command_option(c, j, &o, &group); j++)
            fish_option(out, c, &o);
    }
}
