#include "program/inference.h"

#include <algorithm>

#include "threads/subnormals.h"

namespace pellucid {

namespace {

constexpr std::size_t kChunk = 1024;  // rows at a time

// Walks over all rows, a chunk at a time: visit(executor, first row of the chunk).
template <class T, class Visit>
void for_each_chunk(Executor<T>& executor, const T* parameters, const Examples<T>& examples,
                    Visit visit) {
    for (std::size_t first = 0; first < examples.count; first += kChunk) {
        executor.choose(nullptr, first, std::min(kChunk, examples.count - first));
        const Panels all{0, executor.panels()};
        executor.gather(examples, all);
        executor.forward(parameters, all);
        visit(first, all);
    }
}

}  // namespace

template <class T>
void forward(const Program& program, const Kernels<T>& kernels, const T* parameters,
             const Examples<T>& examples, const std::vector<std::size_t>& buffers,
             const std::vector<T*>& outs) {
    const FlushSubnormals flush;
    Executor<T> executor(program, kernels, std::min(kChunk, examples.count), buffers.size() > 1);
    for_each_chunk(executor, parameters, examples, [&](std::size_t first, Panels) {
        for (std::size_t i = 0; i < buffers.size(); ++i) {
            executor.read_values(buffers[i], outs[i] + first * program.widths[buffers[i]]);
        }
    });
}

template <class T>
T evaluate(const Program& program, const Kernels<T>& kernels, const T* parameters,
           const Examples<T>& examples, T* row_losses) {
    const FlushSubnormals flush;
    Executor<T> executor(program, kernels, std::min(kChunk, examples.count), false);
    Memory<T> all_losses(examples.count);
    for_each_chunk(executor, parameters, examples, [&](std::size_t first, Panels all) {
        executor.judge(all);
        std::copy_n(executor.row_losses(), executor.rows(), all_losses.data() + first);
    });
    std::copy_n(all_losses.data(), examples.count, row_losses);
    const T total = kernels.sum(all_losses.data(), examples.count);
    return program.is_mean ? total / static_cast<T>(examples.count) : total;
}

template void forward(const Program&, const Kernels<float>&, const float*, const Examples<float>&,
                      const std::vector<std::size_t>&, const std::vector<float*>&);
template void forward(const Program&, const Kernels<double>&, const double*,
                      const Examples<double>&, const std::vector<std::size_t>&,
                      const std::vector<double*>&);
template float evaluate(const Program&, const Kernels<float>&, const float*, const Examples<float>&,
                        float*);
template double evaluate(const Program&, const Kernels<double>&, const double*,
                         const Examples<double>&, double*);

}  // namespace pellucid
