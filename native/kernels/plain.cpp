// Kernels for every machine: multiply, then add.
#define PELLUCID_ARCH plain
#define PELLUCID_NAME "plain"
#define PELLUCID_VECTOR_BYTES 16
#define PELLUCID_FUSED 0

#include "kernels/table.h"
