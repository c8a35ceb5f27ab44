#include "CCurl.h"

#include <dlfcn.h>
#include <stddef.h>

#ifdef __APPLE__
#define LIBRARY "libcurl.4.dylib"
#else
#define LIBRARY "libcurl.so.4"
#endif

#undef curl_easy_setopt
#undef curl_easy_getinfo

static struct {
  __typeof__(&curl_global_init) global_init;
  __typeof__(&curl_easy_init) easy_init;
  __typeof__(&curl_easy_reset) easy_reset;
  __typeof__(&curl_easy_cleanup) easy_cleanup;
  __typeof__(&curl_easy_perform) easy_perform;
  __typeof__(&curl_easy_strerror) easy_strerror;
  __typeof__(&curl_easy_setopt) easy_setopt;
  __typeof__(&curl_easy_getinfo) easy_getinfo;
  __typeof__(&curl_slist_append) slist_append;
  __typeof__(&curl_slist_free_all) slist_free_all;
} curl_library;

int rookery_curl_start(void) {
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return 1;
#define LOAD(name) \
  if ((curl_library.name = (__typeof__(curl_library.name))dlsym(library, "curl_" #name)) == NULL) \
  return 1
  LOAD(global_init);
  LOAD(easy_init);
  LOAD(easy_reset);
  LOAD(easy_cleanup);
  LOAD(easy_perform);
  LOAD(easy_strerror);
  LOAD(easy_setopt);
  LOAD(easy_getinfo);
  LOAD(slist_append);
  LOAD(slist_free_all);
  return curl_library.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : 1;
}

CURL *rookery_curl_open(void) { return curl_library.easy_init(); }

void rookery_curl_reset(CURL *curl) { curl_library.easy_reset(curl); }

void rookery_curl_close(CURL *curl) { curl_library.easy_cleanup(curl); }

CURLcode rookery_curl_perform(CURL *curl) { return curl_library.easy_perform(curl); }

const char *rookery_curl_reason(CURLcode code) { return curl_library.easy_strerror(code); }

long rookery_curl_status(CURL *curl) {
  long status = 0;
  CURLcode code = curl_library.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return code == CURLE_OK ? status : 0;
}

curl_off_t rookery_curl_uploaded(CURL *curl) {
  curl_off_t bytes = 0;
  CURLcode code = curl_library.easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &bytes);
  return code == CURLE_OK ? bytes : 0;
}

curl_off_t rookery_curl_retry_after(CURL *curl) {
  curl_off_t seconds = 0;
  CURLcode code = curl_library.easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
  return code == CURLE_OK ? seconds : 0;
}

struct curl_slist *rookery_curl_append(struct curl_slist *list, const char *text) {
  return curl_library.slist_append(list, text);
}

void rookery_curl_free(struct curl_slist *list) { curl_library.slist_free_all(list); }

CURLcode rookery_curl_set_text(CURL *curl, CURLoption option, const char *text) {
  return curl_library.easy_setopt(curl, option, text);
}

CURLcode rookery_curl_set_number(CURL *curl, CURLoption option, long number) {
  return curl_library.easy_setopt(curl, option, number);
}

CURLcode rookery_curl_set_size(CURL *curl, CURLoption option, curl_off_t size) {
  return curl_library.easy_setopt(curl, option, size);
}

CURLcode rookery_curl_set_pointer(CURL *curl, CURLoption option, void *pointer) {
  return curl_library.easy_setopt(curl, option, pointer);
}

CURLcode rookery_curl_set_list(CURL *curl, CURLoption option, struct curl_slist *list) {
  return curl_library.easy_setopt(curl, option, list);
}

CURLcode rookery_curl_set_receiver(
    CURL *curl, CURLoption option, rookery_curl_receiver receiver) {
  return curl_library.easy_setopt(curl, option, receiver);
}

CURLcode rookery_curl_set_progress(CURL *curl, curl_xferinfo_callback progress) {
  return curl_library.easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
}
