/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which texts may be a label key, a label value or a name, and says why not in
 * upstream's words. The idea: each regular expression is a character class and two
 * ends, so each is a loop; the pattern itself appears only in the message.
 * Upstream: k8s.io/apimachinery v0.36.3, pkg/api/validate/content (kube.go, dns.go,
 * errors.go), pkg/util/validation, strconv.Quote and encoding/json of Go 1.26.
 * The trap: lengths count bytes and are checked apart from the pattern, so one text can
 * earn two messages.
 */
#include "kube/validation.h"

#include "base/str.h"

#include <stdint.h>
#include <string.h>

#define LABEL_KEY_FORMAT  "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
#define DNS_LABEL_FORMAT  "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
#define DNS_1035_FORMAT   "[a-z]([-a-z0-9]*[a-z0-9])?"
#define SUBDOMAIN_FORMAT  DNS_LABEL_FORMAT "(\\." DNS_LABEL_FORMAT ")*"
#define ALPHANUMERIC_ENDS "and must start and end with an alphanumeric character"

enum { LABEL_MAX = 63, SUBDOMAIN_MAX = 253 };

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alphanumeric(char c)
{
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

static void add(struct messages *m, const char *text)
{
    m->text[m->count++] = text;
}

static const char *join(struct arena *a, const struct messages *m)
{
    if (m->count == 0) {
        return NULL;
    }
    struct strbuf b = {.arena = a};
    for (size_t i = 0; i < m->count; i++) {
        strbuf_printf(&b, "%s%s", i == 0 ? "" : "; ", m->text[i]);
    }
    return strbuf_text(&b);
}

/* ---- labels ---- */

/* LABEL_KEY_FORMAT */
static bool is_label_name(const char *s, size_t len)
{
    if (len == 0 || !is_alphanumeric(s[0]) || !is_alphanumeric(s[len - 1])) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_alphanumeric(s[i]) && s[i] != '-' && s[i] != '_' && s[i] != '.') {
            return false;
        }
    }
    return true;
}

#define LABEL_KEY_WRONG                                                                            \
    "must consist of alphanumeric characters, '-', '_' or '.', " ALPHANUMERIC_ENDS                 \
    " (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "                 \
    "'" LABEL_KEY_FORMAT "')"

struct messages label_key_messages(struct arena *a, const char *key)
{
    struct messages m = {0};
    const char *slash = strchr(key, '/');
    const char *name = slash != NULL ? slash + 1 : key;
    if (slash != NULL && strchr(name, '/') != NULL) {
        add(&m, "a valid label key " LABEL_KEY_WRONG " with an optional DNS subdomain prefix and "
                "'/' (e.g. 'example.com/MyName')");
        return m;
    }
    if (slash == key) {
        add(&m, "prefix part must be non-empty");
    } else if (slash != NULL) {
        struct messages prefix =
            dns_subdomain_messages(a, arena_strndup(a, key, (size_t)(slash - key)));
        for (size_t i = 0; i < prefix.count; i++) {
            add(&m, arena_printf(a, "prefix part %s", prefix.text[i]));
        }
    }
    size_t len = strlen(name);
    if (len == 0) {
        add(&m, "name part must be non-empty");
    } else if (len > LABEL_MAX) {
        add(&m, "name part must be no more than 63 bytes");
    }
    if (!is_label_name(name, len)) {
        add(&m, "name part " LABEL_KEY_WRONG);
    }
    return m;
}

const char *label_key_error(struct arena *a, const char *key)
{
    struct messages m = label_key_messages(a, key);
    return join(a, &m);
}

struct messages label_value_messages(struct arena *a, const char *value)
{
    (void)a;
    struct messages m = {0};
    size_t len = strlen(value);
    if (len > LABEL_MAX) {
        add(&m, "must be no more than 63 bytes");
    }
    if (len != 0 && !is_label_name(value, len)) {
        add(&m, "a valid label must be an empty string or consist of alphanumeric characters, "
                "'-', '_' or '.', " ALPHANUMERIC_ENDS " (e.g. 'MyValue',  or 'my_value',  or "
                "'12345', regex used for validation is '(" LABEL_KEY_FORMAT ")?')");
    }
    return m;
}

const char *label_value_error(struct arena *a, const char *value)
{
    struct messages m = label_value_messages(a, value);
    return join(a, &m);
}

/* ---- names ---- */

static bool is_dns_label(const char *s, size_t len)
{
    if (len == 0 || s[0] == '-' || s[len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_lower_or_digit(s[i]) && s[i] != '-') {
            return false;
        }
    }
    return true;
}

static bool is_subdomain(const char *s)
{
    for (;;) {
        size_t len = strcspn(s, ".");
        if (!is_dns_label(s, len)) {
            return false;
        }
        if (s[len] == '\0') {
            return true;
        }
        s += len + 1;
    }
}

struct messages dns_label_messages(struct arena *a, const char *value)
{
    (void)a;
    struct messages m = {0};
    size_t len = strlen(value);
    if (len > LABEL_MAX) {
        add(&m, "must be no more than 63 bytes");
    }
    if (is_dns_label(value, len)) {
        return m;
    }
    add(&m, is_subdomain(value)
                ? "must not contain dots"
                : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters "
                  "or '-', " ALPHANUMERIC_ENDS " (e.g. 'my-name',  or '123-abc', regex used for "
                  "validation is '" DNS_LABEL_FORMAT "')");
    return m;
}

const char *dns_label_error(struct arena *a, const char *value)
{
    struct messages m = dns_label_messages(a, value);
    return join(a, &m);
}

struct messages dns_subdomain_messages(struct arena *a, const char *value)
{
    (void)a;
    struct messages m = {0};
    if (strlen(value) > SUBDOMAIN_MAX) {
        add(&m, "must be no more than 253 bytes");
    }
    if (!is_subdomain(value)) {
        add(&m, "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
                "characters, '-' or '.', " ALPHANUMERIC_ENDS " (e.g. 'example.com', regex used for "
                "validation is '" SUBDOMAIN_FORMAT "')");
    }
    return m;
}

const char *dns_subdomain_error(struct arena *a, const char *value)
{
    struct messages m = dns_subdomain_messages(a, value);
    return join(a, &m);
}

struct messages dns_1035_label_messages(struct arena *a, const char *value)
{
    (void)a;
    struct messages m = {0};
    size_t len = strlen(value);
    if (len > LABEL_MAX) {
        add(&m, "must be no more than 63 characters");
    }
    if (!is_dns_label(value, len) || (value[0] >= '0' && value[0] <= '9')) {
        add(&m, "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start "
                "with an alphabetic character, and end with an alphanumeric character (e.g. "
                "'my-name',  or 'abc-123', regex used for validation is '" DNS_1035_FORMAT "')");
    }
    return m;
}

const char *dns_1035_label_error(struct arena *a, const char *value)
{
    struct messages m = dns_1035_label_messages(a, value);
    return join(a, &m);
}

/* ---- how Go prints a string ---- */

/* The code point that s begins with and its length; *rune is UINT32_MAX for a wrong byte. */
static size_t decode_rune(const char *s, uint32_t *rune)
{
    const unsigned char *u = (const unsigned char *)s;
    *rune = UINT32_MAX;
    size_t len = u[0] < 0x80 ? 1 : u[0] < 0xc2 ? 0 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
    if (len == 0 || u[0] > 0xf4) {
        return 1;
    }
    uint32_t v = len == 1 ? u[0] : u[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            return 1;
        }
        v = v << 6 | (u[i] & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff)) {
        return 1;
    }
    *rune = v;
    return len;
}

/*
 * strconv.IsPrint without its tables: right for everything assigned outside the controls,
 * the blanks, the format characters in general use and the private areas.
 */
static bool is_print(uint32_t r)
{
    if (r < 0xa1) {
        return r >= 0x20 && r < 0x7f;
    }
    bool blank = r == 0x1680 || r == 0x3000 || r == 0x202f || r == 0x205f || r == 0xad;
    bool format = (r >= 0x2000 && r <= 0x200f) || (r >= 0x2028 && r <= 0x202e) ||
                  (r >= 0x2060 && r <= 0x206f) || r == 0xfeff || (r >= 0xfff0 && r <= 0xfffb);
    bool private = (r >= 0xe000 && r <= 0xf8ff) || r >= 0xe0000;
    return !blank && !format && !private && (r & 0xfffe) != 0xfffe;
}

static void quote_rune(struct strbuf *b, uint32_t rune, const char *bytes, size_t len)
{
    static const char escaped[] = "\a\b\f\n\r\t\v\\\"";
    static const char letters[] = "abfnrtv\\\"";
    const char *at = rune < 0x80 ? strchr(escaped, (int)rune) : NULL;
    if (at != NULL && rune != 0) {
        strbuf_printf(b, "\\%c", letters[at - escaped]);
    } else if (rune == UINT32_MAX || rune < ' ' || rune == 0x7f) {
        strbuf_printf(b, "\\x%02x", (unsigned)(unsigned char)*bytes);
    } else if (is_print(rune)) {
        strbuf_add_len(b, bytes, len);
    } else {
        strbuf_printf(b, rune < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)rune);
    }
}

const char *go_quote(struct arena *a, const char *s)
{
    struct strbuf b = {.arena = a};
    strbuf_char(&b, '"');
    while (*s != '\0') {
        uint32_t rune;
        size_t len = decode_rune(s, &rune);
        quote_rune(&b, rune, s, len);
        s += len;
    }
    strbuf_char(&b, '"');
    return strbuf_text(&b);
}

static void add_json_rune(struct strbuf *b, uint32_t rune, const char *bytes, size_t len)
{
    static const char escaped[] = "\b\f\n\r\t\\\"";
    static const char letters[] = "bfnrt\\\"";
    const char *at = rune < 0x80 ? strchr(escaped, (int)rune) : NULL;
    if (at != NULL && rune != 0) {
        strbuf_printf(b, "\\%c", letters[at - escaped]);
    } else if (rune == UINT32_MAX) {
        strbuf_add(b, "\\ufffd");
    } else if (rune < ' ' || rune == '<' || rune == '>' || rune == '&' || rune == 0x2028 ||
               rune == 0x2029) {
        strbuf_printf(b, "\\u%04x", (unsigned)rune);
    } else {
        strbuf_add_len(b, bytes, len);
    }
}

static void add_json(struct strbuf *b, const char *s)
{
    strbuf_char(b, '"');
    while (*s != '\0') {
        uint32_t rune;
        size_t len = decode_rune(s, &rune);
        add_json_rune(b, rune, s, len);
        s += len;
    }
    strbuf_char(b, '"');
}

const char *go_json_string(struct arena *a, const char *s)
{
    struct strbuf b = {.arena = a};
    add_json(&b, s);
    return strbuf_text(&b);
}

const char *go_json_strings(struct arena *a, const char *const *list, size_t count)
{
    if (list == NULL) {
        return "null";
    }
    struct strbuf b = {.arena = a};
    strbuf_char(&b, '[');
    for (size_t i = 0; i < count; i++) {
        if (i != 0) {
            strbuf_char(&b, ',');
        }
        add_json(&b, list[i]);
    }
    strbuf_char(&b, ']');
    return strbuf_text(&b);
}
