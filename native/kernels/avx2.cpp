// Kernels for x86-64 processors with AVX2 and FMA.
#define PELLUCID_ARCH avx2
#define PELLUCID_NAME "avx2"
#define PELLUCID_VECTOR_BYTES 32
#define PELLUCID_FUSED 1

#include "kernels/table.h"
