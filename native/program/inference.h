// Forward passes without learning: values and losses of any number of rows, in chunks of bounded
// memory, by several threads. A row's bits depend on that row alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "program/executor.h"
#include "program/program.h"
#include "threads/interrupt.h"
#include "threads/team.h"

namespace pellucid {

// Walks over all examples, chunk by chunk; each thread has memory of its own.
template <class T>
class Inference {
  public:
    Inference(const Program& program, const Kernels<T>& kernels, const Examples<T>& examples,
              std::size_t threads, bool keeps);

    // A thread's chunks: visit(executor, first row of the chunk) after each forward pass.
    template <class Visit>
    void walk(const Weights<T>& weights, Share share, Visit visit) {
        const Panels chunks = share.of(chunks_);
        Executor<T>& executor = executors_[share.index];
        Alone alone;
        for (std::size_t chunk = chunks.first; chunk < chunks.end; ++chunk) {
            const std::size_t first = chunk * rows_;
            executor.choose(examples_, {nullptr, first, std::min(rows_, examples_.count - first)});
            const Panels all{0, executor.panels()};
            executor.gather(examples_, all, alone.member);
            executor.forward(weights, all, alone.member);
            if (!visit(executor, first)) {
                return;
            }
        }
    }
    std::size_t threads() const { return executors_.size(); }

  private:
    const Examples<T> examples_;
    std::size_t rows_;    // of a chunk
    std::size_t chunks_;  // in all
    std::vector<Executor<T>> executors_;
};

// The loss of examples under parameters that may change between two looks.
template <class T>
class Judge {
  public:
    Judge(const Program& program, const Kernels<T>& kernels, const Examples<T>& examples,
          std::size_t threads);

    // A thread's share of the rows' losses; false if an interrupt ended it.
    bool judge(const Weights<T>& weights, Share share, Interrupt* interrupt,
               const FlushSubnormals& flush);
    // Over all rows, by the program's reduction, when all threads are done.
    T loss() const { return weighing_.reduce(row_losses_.data()); }
    const T* row_losses() const { return row_losses_.data(); }
    std::size_t threads() const { return inference_.threads(); }

  private:
    Inference<T> inference_;
    Weighing<T> weighing_;
    Memory<T> row_losses_;
};

// Fills outs[i] with the values of buffer buffers[i]: count · width numbers, as rows. False if an
// interrupt came first. `threads` 0: as many as repay.
template <class T>
bool forward(const Program& program, const Kernels<T>& kernels, const Weights<T>& weights,
             const Examples<T>& examples, const std::vector<std::size_t>& buffers,
             const std::vector<T*>& outs, std::size_t threads, Interrupt& interrupt);

// Fills row_losses (count), and `loss` over all rows, by the program's reduction. False if an
// interrupt came first.
template <class T>
bool evaluate(const Program& program, const Kernels<T>& kernels, const Weights<T>& weights,
              const Examples<T>& examples, T* row_losses, T& loss, std::size_t threads,
              Interrupt& interrupt);

extern template class Inference<float>;
extern template class Inference<double>;
extern template class Judge<float>;
extern template class Judge<double>;
extern template bool forward(const Program&, const Kernels<float>&, const Weights<float>&,
                             const Examples<float>&, const std::vector<std::size_t>&,
                             const std::vector<float*>&, std::size_t, Interrupt&);
extern template bool forward(const Program&, const Kernels<double>&, const Weights<double>&,
                             const Examples<double>&, const std::vector<std::size_t>&,
                             const std::vector<double*>&, std::size_t, Interrupt&);
extern template bool evaluate(const Program&, const Kernels<float>&, const Weights<float>&,
                              const Examples<float>&, float*, float&, std::size_t, Interrupt&);
extern template bool evaluate(const Program&, const Kernels<double>&, const Weights<double>&,
                              const Examples<double>&, double*, double&, std::size_t, Interrupt&);

}  // namespace pellucid
