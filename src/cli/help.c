/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --help and the manual page, from the commands' tables. Help is wrapped at 80 columns;
 * the manual page leaves that to man.
 *
 * Trap: man(7) takes a line that begins with a dot or an apostrophe for a request and a
 * plain minus for a hyphen, so both are escaped.
 */
#include "commands.h"

#include <string.h>

enum { WIDTH = 80 };

void help_wrap(FILE *out, const char *text, int at, int indent)
{
    while (*text) {
        int len = (int)strcspn(text, " \n");
        if (at > indent && at + len + 1 > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            fputc(' ', out);
            at++;
        }
        fwrite(text, 1, (size_t)len, out);
        at += len;
        text += len;
        if (text[0] == '\n' && text[1] == '\n') {
            fprintf(out, "\n\n%*s", indent, "");
            at = indent;
        }
        text += strspn(text, " \n");
    }
    fputc('\n', out);
}

/* "-o, --output FILE" */
static void spell(char *buffer, size_t size, const struct option *o)
{
    char letter[8] = "    ";
    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    const char *form = o->implied ? "%s--%s[=%s]" : "%s--%s %s";
    if (o->value)
        snprintf(buffer, size, form, letter, o->name, o->value);
    else
        snprintf(buffer, size, "%s--%s", letter, o->name);
}

static void help_option(FILE *out, const struct option *o)
{
    char left[128];
    spell(left, sizeof left, o);
    int len = fprintf(out, "  %s", left);
    if (len > 28)
        fprintf(out, "\n%*s", 30, "");
    else
        fprintf(out, "%*s", 30 - len, "");
    help_wrap(out, o->doc, 30, 30);
}

static void help_options(FILE *out, const struct command *command)
{
    static const struct option help = {
        .name = "help", .letter = 'h', .type = OPTION_FLAG, .doc = "Shows this."};
    struct option o;
    const struct option_group *group;
    const struct option_group *before = NULL;
    for (size_t i = 0; command_option(command, i, &o, &group); i++) {
        if (group != before)
            fprintf(out, "\n%s:\n", group->title ? group->title : "Options");
        before = group;
        help_option(out, &o);
    }
    if (!before)
        fprintf(out, "\nOptions:\n");
    help_option(out, &help);
}

void help_command(FILE *out, const struct command *command)
{
    fprintf(out, "Usage: podtide %s%s%s%s\n\n", command->name,
            command->groups[0].count ? " [OPTIONS]" : "", *command->arguments ? " " : "",
            command->arguments);
    help_wrap(out, command->text, 0, 0);
    help_options(out, command);
    fprintf(out, "\nExamples:\n");
    for (size_t i = 0; i < command->example_count; i++) {
        fprintf(out, "  %s\n      ", command->examples[i].line);
        help_wrap(out, command->examples[i].doc, 6, 6);
    }
}

void help_program(FILE *out)
{
    fprintf(out, "Usage: podtide COMMAND [OPTIONS] [ARGUMENTS]\n\n");
    help_wrap(
        out,
        "Simulates the autoscaling of a Kubernetes cluster: replays a load through Deployments "
        "and their HorizontalPodAutoscalers, and says what they did and why.",
        0, 0);
    fprintf(out, "\nCommands:\n");
    const struct command *c;
    for (size_t i = 0; (c = command_at(i)); i++)
        fprintf(out, "  %-12s %s\n", c->name, c->summary);
    fprintf(out, "\nExamples:\n"
                 "  podtide run scenarios/quickstart.yaml\n"
                 "      One day of a real trace, into quickstart.db and quickstart.png.\n"
                 "  podtide help run\n"
                 "      More about one command.\n");
}

/* man(7) */

static void man_text(FILE *out, const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        start = *text == '\n';
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else if (text[0] == '\n' && text[1] == '\n') {
            fputs("\n.PP\n", out);
            text++;
        } else
            fputc(*text, out);
    }
}

static void man_option(FILE *out, const struct option *o)
{
    fputs(".TP\n", out);
    if (o->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
    fputs("\\fB\\-\\-", out);
    man_text(out, o->name);
    fputs("\\fR", out);
    if (o->value) {
        fputs(o->implied ? "[=\\fI" : " \\fI", out);
        man_text(out, o->value);
        fputs(o->implied ? "\\fR]" : "\\fR", out);
    }
    fputc('\n', out);
    man_text(out, o->doc);
    fputc('\n', out);
}

static void man_command(FILE *out, const struct command *c)
{
    fputs(".SS \"podtide ", out);
    man_text(out, c->name);
    fprintf(out, "%s%s\"\n", *c->arguments ? " " : "", c->arguments);
    man_text(out, c->text);
    fputc('\n', out);
    struct option o;
    const struct option_group *group;
    for (size_t i = 0; command_option(c, i, &o, &group); i++)
        man_option(out, &o);
    for (size_t i = 0; i < c->example_count; i++) {
        fputs(".PP\n", out);
        man_text(out, c->examples[i].doc);
        fputs("\n.PP\n.RS\n.nf\n", out);
        man_text(out, c->examples[i].line);
        fputs("\n.fi\n.RE\n", out);
    }
}

void man_page(FILE *out)
{
    fputs(".TH PODTIDE 1 \"\" \"" PROGRAM_NAME "\" \"User Commands\"\n", out);
    fputs(".SH NAME\npodtide \\- simulates the autoscaling of a Kubernetes cluster\n", out);
    fputs(".SH SYNOPSIS\n.B podtide\n.I COMMAND\n[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n", out);
    fputs(".SH DESCRIPTION\n", out);
    man_text(out, "Replays a load through Deployments, StatefulSets and their "
                  "HorizontalPodAutoscalers in virtual time, and says what they did and why.");
    fputs("\n.SH COMMANDS\n", out);
    const struct command *c;
    for (size_t i = 0; (c = command_at(i)); i++)
        man_command(out, c);
    fputs(".SH EXIT STATUS\n"
          ".TP\n0\ndone\n"
          ".TP\n1\nan expectation failed\n"
          ".TP\n2\nmisuse of the command line; nothing was done\n"
          ".TP\n3\nbad input, or output that could not be written\n"
          ".TP\n130\ninterrupted\n"
          ".SH ENVIRONMENT\n"
          ".TP\nNO_COLOR\nno colours, whatever it is set to\n"
          ".TP\nPODTIDE_PLOTS\nthe folder of the plot templates\n",
          out);
}
