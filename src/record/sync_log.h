/* SPDX-License-Identifier: Apache-2.0 */
/* The marks in a sync's record that its writer and its reader share. */
#ifndef SRC_RECORD_SYNC_LOG_H
#define SRC_RECORD_SYNC_LOG_H

enum sync_log_mark {
    SYNC_HEAD = 1,           /* controller flags: JSON */
    SYNC_SPEC = 2,           /* the HPA's object: JSON */
    SYNC_SCALE_ERROR = 4,    /* text, and nothing of the world */
    SYNC_UPDATED = 8,        /* when the update of the scale ended */
    SYNC_UPDATE_ERROR = 16,  /* text */
    SYNC_SELECTOR = 32,      /* state and texts, where not usable */
    SYNC_PODS = 64,          /* the list changed */
    SYNC_ANSWERS = 128,      /* some answer changed */
    SYNC_SELECTOR_TEXT = 256 /* of the scale; messages show it */
};

enum sync_log_answer_mark {
    ANSWER_SAME = 1,
    ANSWER_ERROR = 2,
    ANSWER_LISTED = 4,
    ANSWER_LACKS = 8
};

/* A pod: 0 is new, else twice its place before plus one, plus one when its fields changed. */
enum sync_log_pod_mark {
    POD_DELETING = 1,
    POD_STARTED = 2,
    POD_SHIFT_READY = 2, /* two bits */
    POD_SHIFT_PHASE = 4  /* the rest */
};

#endif
