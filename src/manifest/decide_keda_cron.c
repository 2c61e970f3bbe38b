/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `decide keda`, kind cron: a trigger's metadata and the times at which it is asked; the answer is
 * its activity and value at each. Real time zones, from the system's database.
 *
 * The trap: times may have fractions, which decide nothing.
 */
#include "control/keda/cron.h"

#include "decide_keda_values.h"

#include <math.h>

static bool read_times(const struct node *list, int64_t *times, struct diag *d)
{
    size_t i = 0;
    for (const struct node *n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
        double t;
        if (!keda_double(n, &t, d)) {
            return false;
        }
        if (t < -6e10 || t > 2.5e11) {
            diag_error(d, n->mark, "field times: %s is no time of the years 69 to 9892", n->text);
            return false;
        }
        times[i++] = (int64_t)floor(t);
    }
    return true;
}

static void write_errors(struct json_writer *w, const char *error, size_t count)
{
    json_key(w, "queryErr");
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        json_string(w, error);
    }
    json_list_end(w);
}

static void write_answers(struct json_writer *w, const struct scaler_answer *answers, size_t count)
{
    json_key(w, "active");
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        json_bool(w, answers[i].active);
    }
    json_list_end(w);
    json_key(w, "values");
    json_list(w);
    for (size_t i = 0; i < count; i++) {
        json_int(w, quantity_milli_value(&answers[i].value));
    }
    json_list_end(w);
}

bool decide_keda_cron(struct arena *a, const struct node *root, struct json_writer *w,
                      struct diag *d)
{
    struct scaler_config config = {0};
    struct scaler_cron cron;
    const char *error;
    bool bad = false;
    const struct node *list = keda_list(root, "times", &bad, d);
    const size_t count = list != NULL ? list->count : 0;
    int64_t *times = arena_array(a, int64_t, count);
    if (!keda_params(a, root, "metadata", &config.metadata, d) ||
        !keda_field_text(root, "metricType", &config.metric_type, d) || bad ||
        !read_times(list, times, d)) {
        return false;
    }
    json_map(w);
    if (!scaler_cron_parse(a, &config, &cron, &error)) {
        json_key(w, "err");
        json_string(w, error);
        json_map_end(w);
        return true;
    }
    json_key(w, "metricName");
    json_string(w, cron.metric.name);
    struct scaler_answer *answers = arena_array(a, struct scaler_answer, count);
    for (size_t i = 0; i < count; i++) {
        answers[i] = scaler_cron_query(a, &cron, times[i]);
    }
    if (count > 0 && answers[0].error != NULL) {
        write_errors(w, answers[0].error, count);
    } else {
        write_answers(w, answers, count);
    }
    json_map_end(w);
    return true;
}
