#include "CSimdJSON.h"

#include <cstring>
#include <new>
#include <simdjson.h>
#include <vector>

struct rookery_json {
  simdjson::dom::parser parser;
  std::vector<char> padded;
};

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
    return static_cast<int>(parser->parser.parse(parser->padded.data(), count, false).error());
  } catch (const std::bad_alloc &) {
    return static_cast<int>(simdjson::MEMALLOC);
  }
}

extern "C" const char *rookery_json_message(int error) {
  return simdjson::error_message(static_cast<simdjson::error_code>(error));
}
