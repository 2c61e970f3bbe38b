/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cron: robfig/cron v3.0.1, parser.go and spec.go (Next), and KEDA v2.21.0's cron trigger.
 * The search goes field by field, from the month down, wrapping to the top when a field starts
 * anew; upstream's steps are kept, since it is the steps that decide on daylight saving days.
 *
 * The traps: a start is fired only if the next end is not later than the next start: "active"
 * looks forward only; with a star in day or weekday both must match, without any either is
 * enough, and a step beyond 1 takes the star away; hours are added in absolute time, fields are
 * matched on the wall clock; one flag for the whole search says that the fields below are reset.
 */
#include "control/keda/cron.h"

#include "base/str.h"

#include <string.h>

/* ---- parsing ---- */

struct bounds {
    uint64_t min, max;
    const char *const *names; /* of min, min + 1, ... */
};

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                          "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

static const struct bounds bounds[] = {
    {0, 59, NULL}, {0, 23, NULL}, {1, 31, NULL}, {1, 12, month_names}, {0, 6, day_names}};

enum { CRON_FIELDS = 5 };

static bool same_name(const char *s, const char *lower)
{
    size_t i = 0;
    for (; lower[i] != '\0'; i++) {
        const char c = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i];
        if (c != lower[i]) {
            return false;
        }
    }
    return s[i] == '\0';
}

/* mustParseInt, with strconv.Atoi's errors */
static const char *parse_int(struct arena *a, const char *s, uint64_t *out)
{
    int64_t v = 0;
    if (!scaler_parse_int(s, 64, &v)) {
        const char *body = *s == '-' || *s == '+' ? s + 1 : s;
        const bool number = *body != '\0' && strspn(body, "0123456789") == strlen(body);
        return arena_printf(a, "failed to parse int from %s: strconv.Atoi: parsing %s: %s", s,
                            scaler_quote(a, s), number ? "value out of range" : "invalid syntax");
    }
    if (v < 0) {
        return arena_printf(a, "negative number (%lld) not allowed: %s", (long long)v, s);
    }
    *out = (uint64_t)v;
    return NULL;
}

static const char *parse_int_or_name(struct arena *a, const char *s, const struct bounds *b,
                                     uint64_t *out)
{
    for (size_t i = 0; b->names != NULL && b->names[i] != NULL; i++) {
        if (same_name(s, b->names[i])) {
            *out = b->min + i;
            return NULL;
        }
    }
    return parse_int(a, s, out);
}

struct range {
    uint64_t start, end, step, extra;
};

/* "a", "a-b", "*": the part before the step. */
static const char *parse_span(struct arena *a, const char *whole, char *span,
                              const struct bounds *b, struct range *r)
{
    char *dash = strchr(span, '-');
    const bool again = dash != NULL && strchr(dash + 1, '-') != NULL;
    if (dash != NULL) {
        *dash = '\0';
    }
    if (str_equal(span, "*") || str_equal(span, "?")) {
        *r = (struct range){.start = b->min, .end = b->max, .extra = CRON_STAR};
        return NULL;
    }
    const char *error = parse_int_or_name(a, span, b, &r->start);
    if (error != NULL || dash == NULL) {
        r->end = r->start;
        return error;
    }
    return again ? arena_printf(a, "too many hyphens: %s", whole)
                 : parse_int_or_name(a, dash + 1, b, &r->end);
}

static const char *check_range(struct arena *a, const char *whole, const struct bounds *b,
                               const struct range *r)
{
    if (r->start < b->min) {
        return arena_printf(a, "beginning of range (%llu) below minimum (%llu): %s",
                            (unsigned long long)r->start, (unsigned long long)b->min, whole);
    }
    if (r->end > b->max) {
        return arena_printf(a, "end of range (%llu) above maximum (%llu): %s",
                            (unsigned long long)r->end, (unsigned long long)b->max, whole);
    }
    if (r->start > r->end) {
        return arena_printf(a, "beginning of range (%llu) beyond end of range (%llu): %s",
                            (unsigned long long)r->start, (unsigned long long)r->end, whole);
    }
    return r->step == 0 ? arena_printf(a, "step of range should be a positive number: %s", whole)
                        : NULL;
}

/* getRange; adds its bits. */
static const char *parse_range(struct arena *a, const char *whole, const struct bounds *b,
                               uint64_t *bits)
{
    struct range r = {0};
    char *span = arena_strdup(a, whole);
    char *slash = strchr(span, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    const bool single = strchr(span, '-') == NULL;
    const char *error = parse_span(a, whole, span, b, &r);
    if (error != NULL) {
        return error;
    }
    r.step = 1;
    if (slash != NULL) {
        if (strchr(slash + 1, '/') != NULL) {
            return arena_printf(a, "too many slashes: %s", whole);
        }
        error = parse_int(a, slash + 1, &r.step);
        if (error != NULL) {
            return error;
        }
        r.end = single ? b->max : r.end;
        r.extra = r.step > 1 ? 0 : r.extra;
    }
    error = check_range(a, whole, b, &r);
    for (uint64_t i = r.start; error == NULL && i <= r.end; i += r.step) {
        *bits |= UINT64_C(1) << i;
    }
    *bits |= r.extra;
    return error;
}

static const char *parse_field(struct arena *a, const char *field, const struct bounds *b,
                               uint64_t *bits)
{
    const char *error = NULL;
    for (const char *s = field; *s != '\0' && error == NULL;) {
        const size_t len = strcspn(s, ",");
        if (len > 0) {
            error = parse_range(a, arena_strndup(a, s, len), b, bits);
        }
        s += s[len] == ',' ? len + 1 : len;
    }
    return error;
}

static const char blanks[] = " \t\n\v\f\r";

/* A TZ= prefix; *text goes on after it. */
static const char *parse_zone(struct arena *a, const char **text, const struct tz **zone)
{
    const char *s = *text;
    const char *error;
    if (!str_starts(s, "TZ=") && !str_starts(s, "CRON_TZ=")) {
        return NULL;
    }
    const char *name = strchr(s, '=') + 1;
    const char *blank = strchr(s, ' ');
    if (blank == NULL) {
        return "runtime error: slice bounds out of range [:-1]";
    }
    const char *zone_name = arena_strndup(a, name, (size_t)(blank - name));
    *zone = tz_load(a, zone_name, &error);
    if (*zone == NULL) {
        return arena_printf(a, "provided bad location %s: %s", zone_name, error);
    }
    *text = blank + strspn(blank, blanks);
    return NULL;
}

static size_t split(struct arena *a, const char *text, const char *fields[CRON_FIELDS],
                    const char **shown)
{
    size_t count = 0;
    struct strbuf list = {.arena = a};
    for (const char *s = text + strspn(text, blanks); *s != '\0'; s += strspn(s, blanks)) {
        const size_t len = strcspn(s, blanks);
        const char *field = arena_strndup(a, s, len);
        strbuf_printf(&list, "%s%s", count > 0 ? " " : "", field);
        if (count < CRON_FIELDS) {
            fields[count] = field;
        }
        count++;
        s += len;
    }
    *shown = strbuf_text(&list);
    return count;
}

const char *cron_parse(struct arena *a, const char *text, struct cron *out)
{
    const char *fields[CRON_FIELDS];
    const char *shown;
    uint64_t *bits[] = {&out->minute, &out->hour, &out->dom, &out->month, &out->dow};
    *out = (struct cron){0};
    if (*text == '\0') {
        return "empty spec string";
    }
    const char *error = parse_zone(a, &text, &out->zone);
    if (error != NULL) {
        return error;
    }
    if (*text == '@') {
        return arena_printf(a, "parser does not accept descriptors: %s", text);
    }
    const size_t count = split(a, text, fields, &shown);
    if (count != CRON_FIELDS) {
        return arena_printf(a, "expected exactly 5 fields, found %zu: [%s]", count, shown);
    }
    for (size_t i = 0; i < CRON_FIELDS && error == NULL; i++) {
        error = parse_field(a, fields[i], &bounds[i], bits[i]);
    }
    return error;
}

/* ---- the next time ---- */

struct search {
    const struct cron *cron;
    const struct tz *zone;
    int64_t t;
    struct tz_civil now; /* of t */
    bool added;
    uint32_t moves;
};

/*
 * Five years need some thousand moves. In a zone whose midnight is missing on a day, upstream's
 * search (and this one) can go back as far as it went forward, for ever: then there is no next.
 */
#define MOVES_MAX 200000u

static void move_to(struct search *s, int64_t t)
{
    s->moves++;
    s->t = t;
    s->now = tz_local(s->zone, t);
}

static bool has(uint64_t bits, int value)
{
    return (bits >> value & 1) != 0;
}

static bool day_matches(const struct cron *c, const struct tz_civil *now)
{
    const bool dom = has(c->dom, now->day);
    const bool dow = has(c->dow, now->weekday);
    return ((c->dom | c->dow) & CRON_STAR) != 0 ? dom && dow : dom || dow;
}

/* The search* functions: false when the field started anew, so that all begins again. */

static bool search_month(struct search *s)
{
    while (!has(s->cron->month, s->now.month) && s->moves < MOVES_MAX) {
        if (!s->added) {
            s->added = true;
            move_to(s, tz_date(s->zone, s->now.year, s->now.month, 1, 0, 0, 0));
        }
        move_to(s, tz_date(s->zone, s->now.year, s->now.month + 1, s->now.day, s->now.hour,
                           s->now.minute, s->now.second));
        if (s->now.month == 1) {
            return false;
        }
    }
    return true;
}

static bool search_day(struct search *s)
{
    while (!day_matches(s->cron, &s->now) && s->moves < MOVES_MAX) {
        if (!s->added) {
            s->added = true;
            move_to(s, tz_date(s->zone, s->now.year, s->now.month, s->now.day, 0, 0, 0));
        }
        move_to(s, tz_date(s->zone, s->now.year, s->now.month, s->now.day + 1, s->now.hour,
                           s->now.minute, s->now.second));
        if (s->now.hour != 0) { /* no midnight that day */
            const int hours = s->now.hour > 12 ? 24 - s->now.hour : -s->now.hour;
            move_to(s, s->t + (int64_t)hours * 3600);
        }
        if (s->now.day == 1) {
            return false;
        }
    }
    return true;
}

static bool search_hour(struct search *s)
{
    while (!has(s->cron->hour, s->now.hour) && s->moves < MOVES_MAX) {
        if (!s->added) {
            s->added = true;
            move_to(s, tz_date(s->zone, s->now.year, s->now.month, s->now.day, s->now.hour, 0, 0));
        }
        move_to(s, s->t + 3600);
        if (s->now.hour == 0) {
            return false;
        }
    }
    return true;
}

static bool search_minute(struct search *s)
{
    while (!has(s->cron->minute, s->now.minute) && s->moves < MOVES_MAX) {
        if (!s->added) {
            s->added = true;
            move_to(s, s->t - ((s->t % 60) + 60) % 60);
        }
        move_to(s, s->t + 60);
        if (s->now.minute == 0) {
            return false;
        }
    }
    return true;
}

static bool search_second(struct search *s)
{
    while (s->now.second != 0 && s->moves < MOVES_MAX) {
        s->added = true;
        move_to(s, s->t + 1);
        if (s->now.second == 0) {
            return false;
        }
    }
    return true;
}

int64_t cron_next(const struct cron *c, const struct tz *zone, int64_t t)
{
    struct search s = {.cron = c, .zone = c->zone != NULL ? c->zone : zone};
    move_to(&s, t + 1);
    const int64_t limit = s.now.year + 5;
    while (s.now.year <= limit && s.moves < MOVES_MAX) {
        if (search_month(&s) && search_day(&s) && search_hour(&s) && search_minute(&s) &&
            search_second(&s) && s.moves < MOVES_MAX) {
            return s.t;
        }
    }
    return CRON_NEVER;
}

/* ---- the trigger ---- */

#define FIELD(name, type, member)                                                                  \
    {                                                                                              \
        name, type, offsetof(struct scaler_cron, member), SCALER_METADATA, NULL, false, NULL, NULL \
    }

static const struct scaler_field cron_fields[] = {
    FIELD("start", SCALER_STRING, start_text),
    FIELD("end", SCALER_STRING, end_text),
    FIELD("timezone", SCALER_STRING, timezone),
    FIELD("desiredReplicas", SCALER_INT64, desired_replicas),
};

static const char *validate(struct arena *a, struct scaler_cron *c)
{
    const char *error = cron_parse(a, c->start_text, &c->start);
    if (error != NULL) {
        return arena_printf(a, "error parsing start schedule: %s", error);
    }
    error = cron_parse(a, c->end_text, &c->end);
    if (error != NULL) {
        return arena_printf(a, "error parsing end schedule: %s", error);
    }
    if (strcmp(c->start_text, c->end_text) == 0) {
        return "start and end can not have exactly same time input";
    }
    return c->desired_replicas == 0 ? "no desiredReplicas specified" : NULL;
}

/* parseCronTimeFormat */
static void add_schedule(struct strbuf *out, const char *s)
{
    for (; *s != '\0'; s++) {
        switch (*s) {
        case ' ':
            break;
        case '*':
            strbuf_char(out, 'x');
            break;
        case '/':
            strbuf_add(out, "Sl");
            break;
        case '?':
            strbuf_add(out, "Qm");
            break;
        case ',':
            strbuf_add(out, "Cm");
            break;
        default:
            strbuf_char(out, *s);
            break;
        }
    }
}

bool scaler_cron_parse(struct arena *a, const struct scaler_config *c, struct scaler_cron *out,
                       const char **error)
{
    const char *errors;
    struct strbuf name = {.arena = a};
    *out = (struct scaler_cron){0};
    *error = NULL;
    if (!scaler_metric_type(c, &out->metric.value_type, error)) {
        return false;
    }
    scaler_read(a, c, cron_fields, sizeof cron_fields / sizeof cron_fields[0], out, &errors);
    errors = scaler_join(a, errors, validate(a, out));
    if (errors != NULL) {
        *error = arena_printf(a, "error parsing cron metadata: %s", errors);
        return false;
    }
    out->zone = tz_load(a, out->timezone, &out->zone_error);
    strbuf_printf(&name, "cron-%s-", out->timezone);
    add_schedule(&name, out->start_text);
    strbuf_char(&name, '-');
    add_schedule(&name, out->end_text);
    out->metric.name = scaler_metric_name(a, c->index, strbuf_text(&name));
    out->metric.target = quantity_from_int(1, QUANTITY_DECIMAL_SI);
    return true;
}

struct cron_state scaler_cron_state(const struct scaler_cron *c, int64_t t)
{
    struct cron_state s = {.next_start = cron_next(&c->start, c->zone, t),
                           .next_end = cron_next(&c->end, c->zone, t)};
    /* Never is the zero time, which is before now: it counts as passed. */
    s.active = s.next_start < s.next_end ? t > s.next_start && t < s.next_end
                                         : t > s.next_start || t < s.next_end;
    return s;
}

struct scaler_answer scaler_cron_query(struct arena *a, const struct scaler_cron *c, int64_t t)
{
    if (c->zone == NULL) {
        return (struct scaler_answer){
            .error = arena_printf(a, "unable to load timezone: %s", c->zone_error)};
    }
    const bool active = scaler_cron_state(c, t).active;
    struct scaler_answer out = scaler_answer_of(a, active ? (double)c->desired_replicas : 0, 0);
    out.active = active;
    return out;
}
