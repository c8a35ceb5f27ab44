#include <archive.h>
#include <archive_entry.h>

// AE_IFREG is a macro with a cast, which Swift does not import.
static inline unsigned int rookery_ae_ifreg(void) { return AE_IFREG; }
