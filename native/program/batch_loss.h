// The loss of a batch: the targets of its rows, how much each row counts, and each row's own loss.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"
#include "program/memory.h"
#include "program/program.h"

namespace pellucid {

// Examples as they lie in the caller's arrays.
template <class T>
struct Examples {
    const T* inputs;              // rows of the first input's width; null if it holds categories
    const T* targets;             // rows of the prediction's width; or
    const std::int64_t* classes;  // one a row
    std::size_t count;
    const T* weights = nullptr;  // one a row; null: all rows count alike
    bool leaves_out = false;     // some class is the one that the loss leaves out
    // Where there is more than one plain input: all inputs, each here or there.
    std::vector<const T*> numbers = {};
    std::vector<const std::int64_t*> categories = {};
};

// Which examples make a batch.
struct Chosen {
    const std::int64_t* rows = nullptr;  // null: those from `first` on
    std::size_t first = 0;
    std::size_t count = 0;

    std::size_t operator[](std::size_t i) const {
        return rows == nullptr ? first + i : static_cast<std::size_t>(rows[i]);
    }
};

// How much the rows of a batch count: Σ weight · loss, and what a mean divides that by.
template <class T>
class Weighing {
  public:
    Weighing(const Criterion& criterion, const Kernels<T>& kernels);

    void weigh(const Examples<T>& examples, const Chosen& chosen);
    T divisor() const { return divisor_; }
    // One a row; null if all count alike.
    const T* row_weights() const { return has_row_weights_ ? row_weights_.data() : nullptr; }
    // The batch's loss from its rows' losses.
    T reduce(const T* row_losses) const;

  private:
    T weight_of_class(const Examples<T>& examples, std::size_t row) const;

    const Criterion& criterion_;
    const Kernels<T>& kernels_;
    Memory<T> row_weights_;
    Memory<T> shares_;  // a row's weight times that of its class
    bool has_row_weights_ = false;
    std::size_t count_ = 0;
    T divisor_ = T(0);
};

template <class T>
class BatchLoss {
  public:
    // `capacity`: rows of the largest batch.
    BatchLoss(const Program& program, const Kernels<T>& kernels, std::size_t capacity);

    void choose(const Examples<T>& examples, const Chosen& chosen);
    // The targets of one panel's rows.
    void gather(const Examples<T>& examples, std::size_t panel);
    // The rows' losses, and the derivatives by the prediction.
    void judge(const T* prediction, T* delta, Panels panels);
    T loss() const { return weighing_.reduce(row_losses_.data()); }
    const T* row_losses() const { return row_losses_.data(); }

  private:
    const Criterion& criterion_;
    const Kernels<T>& kernels_;
    const std::size_t units_;
    Weighing<T> weighing_;
    std::vector<T> weights_;  // one a unit; empty without
    std::vector<T> element_weights_;
    Memory<T> padding_;  // a row of 0 for lanes beyond the last row
    Memory<T> targets_;
    Memory<std::int32_t> classes_;
    Memory<T> row_losses_;
    Chosen chosen_;
    bool leaves_out_ = false;
};

extern template class Weighing<float>;
extern template class Weighing<double>;
extern template class BatchLoss<float>;
extern template class BatchLoss<double>;

}  // namespace pellucid
