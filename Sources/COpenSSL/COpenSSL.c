#include "COpenSSL.h"

// EVP, which is to replace these, takes longer for a call than for hashing 64 bytes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

// SHA256_Transform does not count: what it has hashed is to be added to the length.
static void finish(
    SHA256_CTX *hash, size_t hashed, const unsigned char *rest, size_t rest_bytes,
    unsigned char *digest) {
  const unsigned long long bits = (unsigned long long)hashed * 8;
  hash->Nl = (SHA_LONG)bits;
  hash->Nh = (SHA_LONG)(bits >> 32);
  SHA256_Update(hash, rest, rest_bytes);
  SHA256_Final(digest, hash);
}

void rookery_sha256_pair(
    const void *first, size_t first_bytes, unsigned char *first_digest, const void *second,
    size_t second_bytes, unsigned char *second_digest) {
  const unsigned char *one = first, *two = second;
  const size_t both = (first_bytes < second_bytes ? first_bytes : second_bytes) & ~(size_t)63;
  SHA256_CTX hash_one, hash_two;
  SHA256_Init(&hash_one);
  SHA256_Init(&hash_two);
  for (size_t at = 0; at < both; at += 64) {
    SHA256_Transform(&hash_one, one + at);
    SHA256_Transform(&hash_two, two + at);
  }
  finish(&hash_one, both, one + both, first_bytes - both, first_digest);
  finish(&hash_two, both, two + both, second_bytes - both, second_digest);
}
