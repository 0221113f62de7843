// Which kernels this processor can run.
#include "kernels/kernels.h"

namespace pellucid {

namespace plain {
extern const Machine kMachine;
}
#if defined(PELLUCID_X86_KERNELS)
namespace avx2 {
extern const Machine kMachine;
}
namespace avx512 {
extern const Machine kMachine;
}
#elif defined(PELLUCID_ARM_KERNELS)
namespace neon {
extern const Machine kMachine;
}
#endif

const Machine* machines() {
    static const struct List {
        Machine known[4] = {};
        List() {
            int count = 0;
#if defined(PELLUCID_X86_KERNELS)
            __builtin_cpu_init();
            const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
            if (has_avx2 && __builtin_cpu_supports("avx512f") &&
                __builtin_cpu_supports("avx512dq")) {
                known[count++] = avx512::kMachine;
            }
            if (has_avx2) {
                known[count++] = avx2::kMachine;
            }
#elif defined(PELLUCID_ARM_KERNELS)
            known[count++] = neon::kMachine;
#endif
            known[count] = plain::kMachine;
        }
    } list;
    return list.known;
}

}  // namespace pellucid
