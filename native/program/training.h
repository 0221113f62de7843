// Steps across epochs: which rows make a batch, the step itself, and what is counted on the way.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "program/executor.h"
#include "program/program.h"

namespace pellucid {

// What a state counts beside its arrays.
struct Progress {
    std::int64_t epoch;
    std::int64_t position;  // batches done in the running epoch
    std::uint32_t order_seed;
    double epoch_loss;        // Σ batch loss · rows
    std::int64_t rule_steps;  // steps that the optimizer has done
    bool is_fresh;            // momentum has no buffer yet
};

struct Stretch {
    // Rows of an epoch's largest batch, and how many batches it has.
    std::size_t largest_batch() const { return std::min(batch_size, row_count); }
    std::size_t batches() const { return (row_count - 1) / batch_size + 1; }

    std::size_t steps;
    std::size_t batch_size;
    bool shuffle;
    std::size_t threads;
    double learning_rate;
    const std::int64_t* rows;  // the examples that take part; null: all
    std::size_t row_count;
    double* losses;            // one a step; may be null
    std::uint32_t* generator;  // kGeneratorWords
    std::function<bool()> is_interrupted;
};

enum class Ending { kDone, kNotFinite, kInterrupted };

struct Outcome {
    Ending ending;
    std::size_t steps;  // that were done
};

// What a trace keeps of a single step.
template <class T>
using Witness = std::function<void(const Executor<T>&)>;

template <class T>
Outcome train(const Program& program, const Kernels<T>& kernels, const Examples<T>& examples,
              Numbers<T>& numbers, Progress& progress, const Stretch& stretch,
              const Witness<T>& witness = nullptr);

// Threads that repay their barriers for steps of this size.
std::size_t useful_threads(const Program& program, const Stretch& stretch);

extern template Outcome train(const Program&, const Kernels<float>&, const Examples<float>&,
                              Numbers<float>&, Progress&, const Stretch&, const Witness<float>&);
extern template Outcome train(const Program&, const Kernels<double>&, const Examples<double>&,
                              Numbers<double>&, Progress&, const Stretch&, const Witness<double>&);

}  // namespace pellucid
