// Steps across epochs: which rows make a batch, the step itself, what is counted on the way, and
// what happens when an epoch ends.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "program/executor.h"
#include "program/plateau.h"
#include "program/program.h"
#include "program/rule.h"
#include "random/mt19937.h"
#include "threads/interrupt.h"

namespace pellucid {

// What a state counts beside its arrays.
struct Progress {
    std::int64_t epoch;
    std::int64_t position;  // batches done in the running epoch
    std::uint32_t order_seed;
    double epoch_loss;        // Σ batch loss · rows
    std::int64_t rule_steps;  // steps that the optimizer has done
    bool is_fresh;            // momentum has no buffer yet
    bool has_best;            // an epoch's end has been judged
    double best_loss;         // the lowest so far
    std::int64_t waiting;     // epochs judged since then
};

// What is looked at when an epoch ends: rows that no step learns from.
template <class T>
struct Watch {
    bool is_over(const Progress& progress) const {
        return patience > 0 && progress.waiting >= patience;
    }

    Examples<T> examples;
    std::int64_t patience;  // stop after so many epochs without a better one; 0: never
    double* losses;         // one for each epoch that ends
};

// The moment at the end of the best epoch of a stretch.
template <class T>
struct Best {
    explicit Best(const Program& program) : numbers(program) {}

    Numbers<T> numbers;
    std::uint32_t generator[kGeneratorWords];
    std::vector<double> plateau;  // the rule's moment, if there is one
    Progress progress{};
    std::size_t steps = 0;  // done in the stretch; 0: no epoch was better than those before it
};

struct Stretch {
    // Rows of an epoch's largest batch, and how many batches it has.
    std::size_t largest_batch() const { return std::min(batch_size, row_count); }
    std::size_t batches() const { return (row_count - 1) / batch_size + 1; }

    Rates rates(std::size_t step) const {
        const std::size_t at = step * rate_stride;
        return {learning_rates + at, momenta == nullptr ? nullptr : momenta + at};
    }

    std::size_t steps;
    std::size_t batch_size;
    bool shuffle;
    std::size_t threads;
    const double* learning_rates;  // one a group
    const double* momenta;         // the same; null: those of the optimizer's settings
    std::size_t rate_stride;       // from one step's rates to the next; 0: all steps have the same
    const std::int64_t* rows;      // the examples that take part; null: all
    std::size_t row_count;
    double* losses;            // one a step; may be null
    std::uint32_t* generator;  // kGeneratorWords
};

enum class Ending { kDone, kNotFinite, kPatience, kInterrupted };

struct Outcome {
    Ending ending;
    std::size_t steps;  // that were done
};

// What a trace keeps of a single step.
template <class T>
using Witness = std::function<void(const Executor<T>&)>;

// Everything that a stretch works on; `numbers`, `progress`, the generator and `best` are changed.
template <class T>
struct Work {
    const Program& program;
    const Kernels<T>& kernels;
    Examples<T> examples;
    Numbers<T>& numbers;
    Progress& progress;
    Stretch stretch;
    const Watch<T>* watch = nullptr;
    Best<T>* best = nullptr;  // with a watch
    Witness<T> witness = nullptr;
    const Plateau* plateau = nullptr;  // the stretch has its learning rates
    double* moment = nullptr;          // of the plateau; changed
};

template <class T>
Outcome train(const Work<T>& work, Interrupt& interrupt);

// Threads that repay their barriers for steps of this size.
std::size_t useful_threads(const Program& program, const Stretch& stretch);

extern template Outcome train(const Work<float>&, Interrupt&);
extern template Outcome train(const Work<double>&, Interrupt&);

}  // namespace pellucid
