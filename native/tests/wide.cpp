// Registers of 64 bytes on every machine, to test what AVX-512 kernels do in another order.
#define PELLUCID_ARCH wide
#define PELLUCID_NAME "wide"
#define PELLUCID_VECTOR_BYTES 64
#define PELLUCID_FUSED 0

#include "kernels/table.h"
