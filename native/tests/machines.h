// The machines under test: those of this processor, and two that stand in for AVX-512, with
// registers of 64 bytes that the compiler puts together from smaller ones.
#pragma once

#include <vector>

#include "kernels/kernels.h"

namespace pellucid {

namespace wide {
extern const Machine kMachine;
}
namespace wide_fused {
extern const Machine kMachine;
}

namespace tests {

inline std::vector<Machine> all_machines() {
    std::vector<Machine> all;
    bool has_fma = false;
    for (const Machine* machine = machines(); machine->name != nullptr; ++machine) {
        all.push_back(*machine);
        has_fma = has_fma || machine->arithmetic[0] == 'f';
    }
    all.push_back(wide::kMachine);
    if (has_fma) {
        all.push_back(wide_fused::kMachine);
    }
    return all;
}

}  // namespace tests

}  // namespace pellucid
