// Registers of 64 bytes with fused multiply-adds, to test what AVX-512 kernels do.
#define PELLUCID_ARCH wide_fused
#define PELLUCID_NAME "wide_fused"
#define PELLUCID_VECTOR_BYTES 64
#define PELLUCID_FUSED 1

#include "kernels/table.h"
