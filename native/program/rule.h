// One step of the optimizer over a share of the parameters.
#pragma once

#include <cstdint>

#include "program/executor.h"
#include "program/program.h"

namespace pellucid {

// `steps`: how many the optimizer will have done; `is_first`: momentum has no buffer yet.
template <class T>
void update(const Rule& rule, const Kernels<T>& kernels, Numbers<T>& numbers, double learning_rate,
            std::uint64_t steps, bool is_first, Share share);

extern template void update(const Rule&, const Kernels<float>&, Numbers<float>&, double,
                            std::uint64_t, bool, Share);
extern template void update(const Rule&, const Kernels<double>&, Numbers<double>&, double,
                            std::uint64_t, bool, Share);

}  // namespace pellucid
