// Forward passes without learning: values and losses of any number of rows, in bounded memory.
#pragma once

#include <cstddef>
#include <vector>

#include "program/executor.h"
#include "program/program.h"

namespace pellucid {

// Fills outs[i] with the values of buffer buffers[i]: count · width numbers, as rows.
template <class T>
void forward(const Program& program, const Kernels<T>& kernels, const T* parameters,
             const Examples<T>& examples, const std::vector<std::size_t>& buffers,
             const std::vector<T*>& outs);

// Fills row_losses (count) and returns the loss over all rows, by the program's reduction.
template <class T>
T evaluate(const Program& program, const Kernels<T>& kernels, const T* parameters,
           const Examples<T>& examples, T* row_losses);

extern template void forward(const Program&, const Kernels<float>&, const float*,
                             const Examples<float>&, const std::vector<std::size_t>&,
                             const std::vector<float*>&);
extern template void forward(const Program&, const Kernels<double>&, const double*,
                             const Examples<double>&, const std::vector<std::size_t>&,
                             const std::vector<double*>&);
extern template float evaluate(const Program&, const Kernels<float>&, const float*,
                               const Examples<float>&, float*);
extern template double evaluate(const Program&, const Kernels<double>&, const double*,
                                const Examples<double>&, double*);

}  // namespace pellucid
