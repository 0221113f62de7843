// One batch at a time: forward, loss, backward, gradients. Each part of it takes a range of panels
// or a share of the outputs, so that threads can divide the work without dividing a sum. What the
// single kinds of nodes do is in nodes.cpp, in linear.cpp for linear layers, in joins.cpp for
// those that join buffers and in embedding.cpp for tables of categories.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"
#include "program/batch_loss.h"
#include "program/memory.h"
#include "program/plan.h"
#include "program/program.h"
#include "threads/team.h"

namespace pellucid {

// What a forward pass reads beside its inputs.
template <class T>
struct Weights {
    const T* parameters;
    const T* statistics;  // of batch normalization, in evaluation mode
};

// Parameters and what the optimizer keeps for each: flat arrays in the program's order.
template <class T>
struct Numbers {
    explicit Numbers(const Program& program)
        : parameters(program.parameters),
          gradients(program.parameters),
          memory1(program.optimizer.keeps(0) ? program.parameters : 0),
          memory2(program.optimizer.keeps(1) ? program.parameters : 0),
          memory3(program.optimizer.keeps(2) ? program.parameters : 0),
          unclipped(program.optimizer.clips() ? program.parameters : 0),
          statistics(program.statistics),
          counters(program.counters) {}

    Weights<T> weights() const { return {parameters.data(), statistics.data()}; }

    // The same values, but for the gradients, which no step inherits.
    void copy(const Numbers& from) {
        parameters.copy(from.parameters);
        memory1.copy(from.memory1);
        memory2.copy(from.memory2);
        statistics.copy(from.statistics);
        counters.copy(from.counters);
        memory3.copy(from.memory3);
    }

    Memory<T> parameters;
    Memory<T> gradients;
    Memory<T> memory1;              // momentum_buffer; exp_avg; square_avg; sum
    Memory<T> memory2;              // exp_avg_sq; momentum_buffer
    Memory<T> memory3;              // max_exp_avg_sq; grad_avg
    Memory<T> unclipped;            // the gradients before they were clipped, for a trace
    Memory<T> statistics;           // running means and variances
    Memory<std::int64_t> counters;  // batches that they have seen
};

// A thread's share: part `index` of `count`.
struct Share {
    std::size_t index;
    std::size_t count;

    Panels of(std::size_t whole) const {
        return {whole * index / count, whole * (index + 1) / count};
    }
};

enum class Mode { kTraining, kEvaluation };

template <class T>
class Executor {
  public:
    // `capacity`: rows of the largest batch.
    Executor(const Program& program, const Kernels<T>& kernels, std::size_t capacity, bool keeps,
             Mode mode);

    // The rows that make the batch; one thread does this for all.
    void choose(const Examples<T>& examples, const Chosen& chosen);

    // Draws a key for each dropout of the batch.
    void draw(std::uint32_t* generator);

    // Rows of the batch, forwards, and backwards to the deltas. Where rows are coupled or there are
    // fewer panels than members, the members of the team meet, so all of them must come; their
    // panels together make the batch.
    void gather(const Examples<T>& examples, Panels panels, const Member& member);
    void forward(const Weights<T>& weights, Panels panels, const Member& member);
    void judge(Panels panels);
    void backward(const Weights<T>& weights, Panels panels, const Member& member);
    // Outputs: gradients, and the parameters that follow from them.
    void differentiate(T* gradients, Share share);
    // Running statistics move towards the batch's.
    void follow(Numbers<T>& numbers) const;
    T loss() const { return loss_.loss(); }

    std::size_t rows() const { return chosen_.count; }
    std::size_t panels() const { return round_up(rows(), kPanelRows) / kPanelRows; }
    const Chosen& chosen() const { return chosen_; }
    const T* row_losses() const { return loss_.row_losses(); }
    // The batch's values or deltas of a buffer as rows; `out` has rows() · width numbers.
    void read_values(std::size_t buffer, T* out) const;
    void read_deltas(std::size_t buffer, T* out) const;
    bool has_deltas(std::size_t buffer) const { return plan_.buffers[buffer].delta != kNone; }

  private:
    void gather_input(const T* inputs, std::size_t buffer, Panels panels, Panels columns);
    void gather_inputs(const Examples<T>& examples, Panels panels);
    void look_up(const Node& node, const Weights<T>& weights, Panels panels);
    void differentiate_table(std::size_t i, T* gradients, Share share);
    // What a node keeps between the way forward and the way back.
    struct Work {
        std::uint32_t key = 0;  // dropout's
        Memory<T> mask;
        Memory<T> mean, variance, inverse;  // see NormTask
        Memory<T> by_weight, by_bias;
    };

    Work make_work(const Node& node, std::size_t padded) const;
    bool drops(const Node& node) const {
        return mode_ == Mode::kTraining && !node.is_fixed && node.p > 0;
    }
    // Whether a batch normalization uses the batch's own moments.
    bool couples(const Node& node) const { return mode_ == Mode::kTraining && !node.is_fixed; }
    void divide(Product<T> task, Panels panels, const Member& member) const;
    void multiply(std::size_t i, const Weights<T>& weights, Panels panels, const Member& member);
    void multiply_back(std::size_t i, const Weights<T>& weights, Panels panels,
                       const Member& member, T* to);
    void forward_node(std::size_t i, const Weights<T>& weights, Panels panels);
    void drop(std::size_t i, Panels panels);
    void normalize(std::size_t i, const Weights<T>& weights, Panels panels, const Member& member);
    void backward_node(std::size_t i, const Weights<T>& weights, Panels panels,
                       const Member& member);
    void backward_into(std::size_t i, const Weights<T>& weights, Panels panels, T* to);
    void backward_to_other(std::size_t i, Panels panels);
    void join(const Node& node, Panels panels);
    void part_back(std::size_t i, Panels panels);
    void sum_norm(std::size_t i, const Weights<T>& weights, const Member& member);
    NormTask<T> norm_task(std::size_t i, const Weights<T>& weights, Panels panels);
    void differentiate_linear(const Node& node, T* gradients, Panels units);
    void differentiate_norm(std::size_t i, T* gradients, Panels units);
    void forget_frozen(const Node& node, T* gradients, Panels units);
    T* value(std::size_t buffer) { return values_[plan_.buffers[buffer].value].data(); }
    T* delta(std::size_t buffer) {
        const std::size_t slot = plan_.buffers[buffer].delta;
        return slot == kNone ? nullptr : deltas_[slot].data();
    }
    // Rows are as long as an odd number of cache lines, lest they fall into the same cache sets.
    std::size_t stride(std::size_t buffer) const {
        return (round_up(program_.widths[buffer], kPanelRows) / kPanelRows | 1) * kPanelRows;
    }
    void read(const Memory<T>& panels, std::size_t units, T* out) const;

    const Program& program_;
    const Kernels<T>& kernels_;
    Plan plan_;
    Mode mode_;
    bool draws_ = false;       // there is a dropout that leaves something to chance
    std::vector<Work> works_;  // one a node
    Memory<T> added_;          // deltas on their way to where others are already
    std::vector<Memory<T>> values_;
    std::vector<Memory<T>> deltas_;
    std::vector<Memory<T>> row_major_;  // a buffer's values as rows, if a large layer reads it
    std::vector<Memory<std::int32_t>> categories_;  // of each input; empty if it holds numbers
    Memory<T> padding_;                             // a row of 0 for lanes beyond the last row
    BatchLoss<T> loss_;
    Chosen chosen_;
};

extern template class Executor<float>;
extern template class Executor<double>;

}  // namespace pellucid
