// Matrix products between arrays as they lie in Python: the product of the layers, with rows
// packed into panels before it and unpacked after it.
#pragma once

#include <cstddef>

#include "kernels/kernels.h"

namespace pellucid {

// out[i][j] = start[j] + Σ_k rows[i][k] · matrix[j·row + k·column], k ascending; start may be null.
template <class T>
struct RowProduct {
    const T* rows;  // count rows of `depth` numbers
    const T* matrix;
    std::ptrdiff_t row;
    std::ptrdiff_t column;
    const T* start;
    T* out;  // count rows of `width` numbers
    std::size_t count;
    std::size_t depth;
    std::size_t width;
};

// The bits do not depend on the number of threads, which is chosen by the amount of work.
template <class T>
void multiply(const Kernels<T>& kernels, const RowProduct<T>& task);

extern template void multiply(const Kernels<float>&, const RowProduct<float>&);
extern template void multiply(const Kernels<double>&, const RowProduct<double>&);

}  // namespace pellucid
