// Which kernels this processor, and its operating system, can run.
#include "kernels/kernels.h"

#if defined(PELLUCID_X86_KERNELS)
#include <cpuid.h>
#endif

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

namespace {

#if defined(PELLUCID_X86_KERNELS)
struct Features {
    bool avx2 = false;
    bool avx512 = false;
};

bool has(unsigned word, int bit) {
    return (word >> bit & 1U) != 0;
}

// Asked of the processor itself: the compiler's own check needs a library on some systems.
Features find_features() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || !has(c, 27)) {
        return {};  // without OSXSAVE nobody can say which registers are kept
    }
    const bool fma = has(c, 12);
    unsigned kept = 0, high = 0;
    __asm__ __volatile__("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
    const bool keeps_256 = (kept & 0x06U) == 0x06U;
    const bool keeps_512 = (kept & 0xe6U) == 0xe6U;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) {
        return {};
    }
    const bool avx2 = fma && keeps_256 && has(b, 5);
    return {avx2, avx2 && keeps_512 && has(b, 16) && has(b, 17)};
}
#endif

struct List {
    Machine known[4] = {};

    List() {
        int count = 0;
#if defined(PELLUCID_X86_KERNELS)
        const Features features = find_features();
        if (features.avx512) {
            known[count++] = avx512::kMachine;
        }
        if (features.avx2) {
            known[count++] = avx2::kMachine;
        }
#elif defined(PELLUCID_ARM_KERNELS)
        known[count++] = neon::kMachine;
#endif
        known[count] = plain::kMachine;
    }
};

}  // namespace

const Machine* machines() {
    static const List list;
    return list.known;
}

}  // namespace pellucid
