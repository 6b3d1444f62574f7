// SPDX-License-Identifier: Apache-2.0
// libcurl as Swift can call it: its variadic functions wrapped, one for each type of argument.
#ifndef NENRIN_CCURL_SHIM_H
#define NENRIN_CCURL_SHIM_H
#include <curl/curl.h>

/// Sets an option that takes a `long`.
static inline CURLcode nenrin_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

/// Sets an option that takes a `curl_off_t`.
static inline CURLcode nenrin_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

/// Sets an option that takes a string, which libcurl copies (but for `CURLOPT_POSTFIELDS`).
static inline CURLcode nenrin_curl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

/// Sets an option that takes a pointer of any other type.
static inline CURLcode nenrin_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

/// What receives the bytes of a body or of a header; `context` is what was set for it.
typedef size_t (*nenrin_curl_receiver)(char *bytes, size_t size, size_t count, void *context);

/// Sets `CURLOPT_WRITEFUNCTION` or `CURLOPT_HEADERFUNCTION`.
static inline CURLcode nenrin_curl_set_receiver(CURL *handle, CURLoption option, nenrin_curl_receiver receiver) {
  return curl_easy_setopt(handle, option, receiver);
}

/// Reads a figure of type `long`, such as `CURLINFO_RESPONSE_CODE`.
static inline CURLcode nenrin_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

/// Sets an option of a multi handle that takes a `long`.
static inline CURLMcode nenrin_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
  return curl_multi_setopt(handle, option, value);
}

/// The code and the handle of a finished transfer; false for messages of another kind. The code lies in a union.
static inline int nenrin_curl_finished(const CURLMsg *message, CURL **handle, CURLcode *code) {
  if (message->msg != CURLMSG_DONE) return 0;
  *handle = message->easy_handle;
  *code = message->data.result;
  return 1;
}
#endif
