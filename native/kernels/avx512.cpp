// Kernels for x86-64 processors with AVX-512.
#define PELLUCID_ARCH avx512
#define PELLUCID_NAME "avx512"
#define PELLUCID_VECTOR_BYTES 64
#define PELLUCID_FUSED 1

#include "kernels/table.h"
