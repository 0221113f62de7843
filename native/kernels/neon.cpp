// Kernels for 64-bit ARM.
#define PELLUCID_ARCH neon
#define PELLUCID_NAME "neon"
#define PELLUCID_VECTOR_BYTES 16
#define PELLUCID_FUSED 1

#include "kernels/table.h"
