// One batch at a time: forward, loss, backward, gradients, update. Each part of it takes a range
// of panels or a share of the outputs, so that threads can divide the work without dividing a sum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"
#include "program/batch_loss.h"
#include "program/memory.h"
#include "program/plan.h"
#include "program/program.h"

namespace pellucid {

// Parameters and what the optimizer keeps for each: flat arrays in the program's order.
template <class T>
struct Numbers {
    explicit Numbers(const Program& program)
        : parameters(program.parameters),
          gradients(program.parameters),
          memory1(program.rule.memories() > 0 ? program.parameters : 0),
          memory2(program.rule.memories() > 1 ? program.parameters : 0) {}

    // The same values, but for the gradients, which no step inherits.
    void copy(const Numbers& from) {
        parameters.copy(from.parameters);
        memory1.copy(from.memory1);
        memory2.copy(from.memory2);
    }

    Memory<T> parameters;
    Memory<T> gradients;
    Memory<T> memory1;  // momentum_buffer, exp_avg
    Memory<T> memory2;  // exp_avg_sq
};

// A thread's share: part `index` of `count`.
struct Share {
    std::size_t index;
    std::size_t count;

    Panels of(std::size_t whole) const {
        return {whole * index / count, whole * (index + 1) / count};
    }
};

template <class T>
class Executor {
  public:
    // `capacity`: rows of the largest batch.
    Executor(const Program& program, const Kernels<T>& kernels, std::size_t capacity, bool keeps);

    // The rows that make the batch; one thread does this for all.
    void choose(const Examples<T>& examples, const Chosen& chosen);

    // Rows of the batch, forwards, and backwards to the deltas.
    void gather(const Examples<T>& examples, Panels panels);
    void forward(const T* parameters, Panels panels);
    void judge(Panels panels);
    void backward(const T* parameters, Panels panels);
    // Outputs: gradients, and the parameters that follow from them.
    void differentiate(T* gradients, Share share);
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
    void gather_panel(const Examples<T>& examples, std::size_t panel);
    void forward_node(const Node& node, const T* parameters, Panels panels);
    void backward_node(const Node& node, const T* parameters, Panels panels);
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
    std::vector<Memory<T>> values_;
    std::vector<Memory<T>> deltas_;
    std::vector<Memory<T>> row_major_;  // a buffer's values as rows, if a large layer reads it
    Memory<T> padding_;                 // a row of 0 for lanes beyond the last row
    BatchLoss<T> loss_;
    Chosen chosen_;
};

extern template class Executor<float>;
extern template class Executor<double>;

}  // namespace pellucid
