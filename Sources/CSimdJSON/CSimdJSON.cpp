#include "CSimdJSON.h"

#include <cstring>
#include <new>
#include <simdjson.h>
#include <vector>

struct rookery_json {
  simdjson::dom::parser parser;
  std::vector<char> padded;
};

namespace {

char *skip_digits(char *at) {
  while (*at >= '0' && *at <= '9') {
    ++at;
  }
  return at;
}

/// The end of the number (RFC 8259, section 6) that begins at `at`; null if none does. A zero byte
/// follows the document.
char *number_end(char *at) {
  at += *at == '-';
  char *const digits = at;
  at = *at == '0' ? at + 1 : skip_digits(at);
  if (at == digits) {
    return nullptr;
  }
  if (*at == '.') {
    char *const end = skip_digits(at + 1);
    if (end == at + 1) {
      return nullptr;
    }
    at = end;
  }
  if (*at == 'e' || *at == 'E') {
    at += at[1] == '+' || at[1] == '-' ? 2 : 1;
    char *const end = skip_digits(at);
    if (end == at) {
      return nullptr;
    }
    at = end;
  }
  return at;
}

/// Makes every well-formed number a 0 and blanks, so that a second pass judges the rest.
void blank_numbers(char *at, const char *end) {
  bool is_in_string = false;
  while (at < end) {
    if (is_in_string) {
      is_in_string = *at != '"';
      at += *at == '\\' ? 2 : 1;
    } else if (*at == '-' || (*at >= '0' && *at <= '9')) {
      char *const stop = number_end(at);
      if (stop == nullptr) {
        return;
      }
      std::memset(at, ' ', static_cast<size_t>(stop - at));
      *at = '0';
      at = stop;
    } else {
      is_in_string = *at == '"';
      ++at;
    }
  }
}

}  // namespace

extern "C" rookery_json *rookery_json_new(void) { return new (std::nothrow) rookery_json(); }

extern "C" void rookery_json_free(rookery_json *parser) { delete parser; }

extern "C" int rookery_json_validate(rookery_json *parser, const char *bytes, size_t count) {
  try {
    // simdjson reads up to SIMDJSON_PADDING bytes past the end, so the document is copied once.
    if (parser->padded.size() < count + simdjson::SIMDJSON_PADDING) {
      parser->padded.resize(2 * count + simdjson::SIMDJSON_PADDING);
    }
    std::memcpy(parser->padded.data(), bytes, count);
    std::memset(parser->padded.data() + count, 0, simdjson::SIMDJSON_PADDING);
    char *const json = parser->padded.data();
    simdjson::error_code error = parser->parser.parse(json, count, false).error();
    // JSON's numbers have no bounds; simdjson refuses those that fit no machine word.
    if (error == simdjson::NUMBER_ERROR) {
      blank_numbers(json, json + count);
      error = parser->parser.parse(json, count, false).error();
    }
    return static_cast<int>(error);
  } catch (const std::bad_alloc &) {
    return static_cast<int>(simdjson::MEMALLOC);
  }
}

extern "C" const char *rookery_json_message(int error) {
  return simdjson::error_message(static_cast<simdjson::error_code>(error));
}
