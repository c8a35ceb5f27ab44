#ifndef ROOKERY_CCURL_H
#define ROOKERY_CCURL_H

#include <curl/curl.h>

// libcurl, loaded when it is first needed: with the thirty libraries that it brings it would add
// 6 ms to the start of every command, most of which ask no server for anything.

/// Loads and starts libcurl; must be called once, before all others, and have returned 0.
int rookery_curl_start(void);

CURL *rookery_curl_open(void);
void rookery_curl_reset(CURL *curl);
void rookery_curl_close(CURL *curl);
CURLcode rookery_curl_perform(CURL *curl);
const char *rookery_curl_reason(CURLcode code);
/// The status of the last answer; 0 if there was none.
long rookery_curl_status(CURL *curl);
/// Bytes of the body that went out.
curl_off_t rookery_curl_uploaded(CURL *curl);
/// Seconds that the last answer asks to wait for; 0 if it does not say.
curl_off_t rookery_curl_retry_after(CURL *curl);

struct curl_slist *rookery_curl_append(struct curl_slist *list, const char *text);
void rookery_curl_free(struct curl_slist *list);

// curl_easy_setopt is variadic, which Swift does not import: one function for each kind of value.
CURLcode rookery_curl_set_text(CURL *curl, CURLoption option, const char *text);
CURLcode rookery_curl_set_number(CURL *curl, CURLoption option, long number);
CURLcode rookery_curl_set_size(CURL *curl, CURLoption option, curl_off_t size);
CURLcode rookery_curl_set_pointer(CURL *curl, CURLoption option, void *pointer);
CURLcode rookery_curl_set_list(CURL *curl, CURLoption option, struct curl_slist *list);
CURLcode rookery_curl_set_progress(CURL *curl, curl_xferinfo_callback progress);

/// Also what libcurl reads a body by.
typedef size_t (*rookery_curl_receiver)(char *bytes, size_t size, size_t count, void *context);
CURLcode rookery_curl_set_receiver(CURL *curl, CURLoption option, rookery_curl_receiver receiver);

#endif
