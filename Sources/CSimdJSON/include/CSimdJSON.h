#ifndef ROOKERY_CSIMDJSON_H
#define ROOKERY_CSIMDJSON_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A reusable parser with its own padded buffer. Not thread safe: one a thread.
typedef struct rookery_json rookery_json;

rookery_json *rookery_json_new(void);
void rookery_json_free(rookery_json *parser);

/// 0 when `bytes` is one strict JSON document in valid UTF-8, else simdjson's error number.
int rookery_json_validate(rookery_json *parser, const char *bytes, size_t count);

/// What an error number of `rookery_json_validate` means; a static string.
const char *rookery_json_message(int error);

#ifdef __cplusplus
}
#endif
#endif
