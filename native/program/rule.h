// One step of the optimizer over a share of the parameters, and the clipping before it.
#pragma once

#include <cstdint>

#include "program/executor.h"
#include "program/program.h"

namespace pellucid {

// What a schedule changes from step to step: one number for each group.
struct Rates {
    const double* learning_rates;
    const double* momenta;  // momentum or beta1; null: those of the rule's settings
};

// `steps`: how many the optimizer will have done; `is_first`: momentum has no buffer yet.
template <class T>
void update(const Optimizer& optimizer, const Kernels<T>& kernels, Numbers<T>& numbers,
            const Rates& rates, std::uint64_t steps, bool is_first, Share share);

// The length of all gradients together: blocks of 1,024 numbers are summed by whoever has time,
// and then added in order.
template <class T>
class Clipping {
  public:
    Clipping(const Optimizer& optimizer, const Kernels<T>& kernels, std::size_t parameters);

    // Squares of a share of the blocks; all threads must be done before the next.
    void measure(const T* gradients, Share share);
    // Shortens a share of the gradients.
    void apply(T* gradients, Share share) const;
    bool measures() const { return norm_ > T(0); }

  private:
    const Kernels<T>& kernels_;
    const T norm_;
    const T bound_;
    const std::size_t count_;
    Memory<T> squares_;  // one a block
};

extern template class Clipping<float>;
extern template class Clipping<double>;
extern template void update(const Optimizer&, const Kernels<float>&, Numbers<float>&, const Rates&,
                            std::uint64_t, bool, Share);
extern template void update(const Optimizer&, const Kernels<double>&, Numbers<double>&,
                            const Rates&, std::uint64_t, bool, Share);

}  // namespace pellucid
