/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which lines of a Common or Combined Log Format file are requests:
 *
 *     host ident user [01/Jul/1995:00:00:01 -0400] "GET /x HTTP/1.0" 200 6245 ...
 *
 * Only the time must be understood; the rest may be in any 8-bit encoding.
 * Lines without one are counted and told once, with the first place: real logs
 * have them. Filters may name host, user, method, path (without the query) or
 * status ("404", "5xx"). The trap: a month of logs has one day after another,
 * so the newest date's first instant is kept instead of being computed again.
 */
#include "base/str.h"
#include "kube/timestamp.h"
#include "trace_internal.h"

#include <string.h>

#define TIME_LENGTH 26 /* 01/Jul/1995:00:00:01 -0400 */

struct log_day {
    char text[11];    /* 01/Jul/1995 */
    char zone[5];     /* -0400 */
    int64_t start_ns; /* local midnight, as if UTC */
    int64_t zone_ns;
};

static int digits(const char *s, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        v = v * 10 + (s[i] - '0');
    }
    return v;
}

static int month_number(const char *s)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (memcmp(names + 3 * i, s, 3) == 0)
            return i + 1;
    return 0;
}

static bool new_day(struct log_day *d, const char *s)
{
    struct timestamp_parts p = {.day = digits(s, 2), .month = month_number(s + 3)};
    p.year = digits(s + 7, 4);
    if (s[2] != '/' || s[6] != '/' || p.month == 0 || p.day < 1 || p.year < 1)
        return false;
    memset(d->text, 0, sizeof d->text);
    if (!timestamp_join(&p, 0, &d->start_ns) || d->start_ns > CLOCK_LIMIT_NS ||
        d->start_ns < -CLOCK_LIMIT_NS)
        return false;
    memcpy(d->text, s, sizeof d->text);
    return true;
}

static bool new_zone(struct log_day *d, const char *s)
{
    int hours = digits(s + 1, 2);
    int minutes = digits(s + 3, 2);
    if ((s[0] != '+' && s[0] != '-') || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    d->zone_ns = (hours * 3600 + minutes * 60) * INT64_C(1000000000);
    d->zone_ns = s[0] == '-' ? -d->zone_ns : d->zone_ns;
    memcpy(d->zone, s, sizeof d->zone);
    return true;
}

static bool log_time(struct log_day *d, const char *s, int64_t *ns)
{
    if (s[11] != ':' || s[14] != ':' || s[17] != ':' || s[20] != ' ')
        return false;
    if (memcmp(d->text, s, sizeof d->text) != 0 && !new_day(d, s))
        return false;
    if (memcmp(d->zone, s + 21, sizeof d->zone) != 0 && !new_zone(d, s + 21))
        return false;
    int hour = digits(s + 12, 2);
    int minute = digits(s + 15, 2);
    int second = digits(s + 18, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    int64_t seconds = hour * 3600 + minute * 60 + second;
    *ns = d->start_ns + seconds * INT64_C(1000000000) - d->zone_ns;
    return true;
}

/* The n-th word (from 0) of [s, stop), ended by a blank. */
static const char *word(const char *s, const char *stop, int n, size_t *len)
{
    for (;; n--) {
        while (s < stop && *s == ' ')
            s++;
        const char *end = memchr(s, ' ', (size_t)(stop - s));
        end = end ? end : stop;
        if (n == 0 || end == stop) {
            *len = n == 0 ? (size_t)(end - s) : 0;
            return s;
        }
        s = end;
    }
}

/* What the line says of a filter's subject; `after` follows the closing bracket. */
static const char *subject(const char *name, const struct reader *r, const char *bracket,
                           const char *after, size_t *len)
{
    const char *stop = r->text + r->len;
    if (str_equal(name, "host"))
        return word(r->text, bracket, 0, len);
    if (str_equal(name, "user"))
        return word(r->text, bracket, 2, len);
    const char *quote = memchr(after, '"', (size_t)(stop - after));
    const char *request = quote ? quote + 1 : stop;
    const char *close = memchr(request, '"', (size_t)(stop - request));
    if (!close)
        close = stop;
    if (str_equal(name, "status"))
        return word(close < stop ? close + 1 : stop, stop, 0, len);
    const char *w = word(request, close, str_equal(name, "method") ? 0 : 1, len);
    if (str_equal(name, "path")) {
        const char *query = memchr(w, '?', *len);
        *len = query ? (size_t)(query - w) : *len;
    }
    return w;
}

static bool passes(struct gather *g, const struct reader *r, const char *bracket, const char *after)
{
    bool all = true;
    for (size_t i = 0; i < g->spec->filter_count; i++) {
        const struct trace_filter *f = &g->spec->filters[i];
        size_t len = 0;
        const char *text = subject(f->column, r, bracket, after, &len);
        char class[4] = "?xx";
        if (str_equal(f->column, "status") && len == 3 && str_ends(f->value, "xx")) {
            class[0] = text[0];
            text = class;
        }
        all &= gather_filter(g, i, text, len);
    }
    return all;
}

static bool filters_known(struct gather *g)
{
    static const char *const names[] = {"host", "user", "method", "path", "status"};
    bool good = true;
    for (size_t i = 0; i < g->spec->filter_count; i++) {
        const struct trace_filter *f = &g->spec->filters[i];
        bool known = false;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            known |= str_equal(names[k], f->column);
        if (known)
            continue;
        diag_error(g->context->diag, f->mark.line ? f->mark : g->spec->mark,
                   "an access log cannot be filtered by \"%s\"", f->column);
        diag_help(g->context->diag, "use host, user, method, path or status");
        good = false;
    }
    return good;
}

static void malformed(struct gather *g, struct reader *r)
{
    size_t blank = 0;
    while (blank < r->len && (r->text[blank] == ' ' || r->text[blank] == '\t'))
        blank++;
    if (blank == r->len)
        return;
    if (g->malformed++ == 0)
        g->malformed_at = reader_mark(r, r->line, 0);
}

void trace_read_access_log(struct gather *g, struct reader *r)
{
    struct log_day day = {0};
    if (!filters_known(g)) {
        r->errors++;
        return;
    }
    while (reader_next(r, false)) {
        const char *stop = r->text + r->len;
        const char *bracket = memchr(r->text, '[', r->len);
        int64_t time = 0;
        if (!bracket || stop - bracket < TIME_LENGTH + 2 || bracket[TIME_LENGTH + 1] != ']' ||
            !log_time(&day, bracket + 1, &time)) {
            malformed(g, r);
            continue;
        }
        if (g->spec->filter_count > 0 && !passes(g, r, bracket, bracket + TIME_LENGTH + 2))
            continue;
        g->used++;
        gather_hit(g, r, time, 1, 1);
    }
    if (g->clock.kind == CLOCK_UNKNOWN) {
        g->clock.zone_seen = (int32_t)(day.zone_ns / 1000000000);
        g->clock.has_zone_seen = true;
    }
    g->clock.kind = CLOCK_ZONED;
}
