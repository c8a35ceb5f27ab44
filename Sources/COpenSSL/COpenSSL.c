#include "COpenSSL.h"

// EVP, which is to replace these, takes longer for a call than for hashing 64 bytes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

void rookery_sha256_pair(
    const void *first, size_t first_bytes, unsigned char *first_digest, const void *second,
    size_t second_bytes, unsigned char *second_digest) {
  const unsigned char *one = first, *two = second;
  const size_t both = (first_bytes < second_bytes ? first_bytes : second_bytes) & ~(size_t)63;
  SHA256_CTX hash_one, hash_two;
  SHA256_Init(&hash_one);
  SHA256_Init(&hash_two);
  for (size_t at = 0; at < both; at += 64) {
    SHA256_Update(&hash_one, one + at, 64);
    SHA256_Update(&hash_two, two + at, 64);
  }
  SHA256_Update(&hash_one, one + both, first_bytes - both);
  SHA256_Update(&hash_two, two + both, second_bytes - both);
  SHA256_Final(first_digest, &hash_one);
  SHA256_Final(second_digest, &hash_two);
}
