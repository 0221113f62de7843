#include "program/batch_loss.h"

namespace pellucid {

template <class T>
Weighing<T>::Weighing(const Criterion& criterion, const Kernels<T>& kernels)
    : criterion_(criterion), kernels_(kernels) {}

template <class T>
void Weighing<T>::weigh(const Examples<T>& examples, const Chosen& chosen) {
    count_ = chosen.count;
    has_row_weights_ = examples.weights != nullptr;
    const bool has_class_weights =
        examples.classes != nullptr && (!criterion_.weights.empty() || examples.leaves_out);
    if (!has_row_weights_ && !has_class_weights) {
        divisor_ = static_cast<T>(count_);
        return;
    }
    if (shares_.size() < count_) {
        shares_ = Memory<T>(count_);
        row_weights_ = Memory<T>(has_row_weights_ ? count_ : 0);
    }
    for (std::size_t i = 0; i < count_; ++i) {
        const std::size_t row = chosen[i];
        T share = has_class_weights ? weight_of_class(examples, row) : T(1);
        if (has_row_weights_) {
            row_weights_.data()[i] = examples.weights[row];
            share *= examples.weights[row];
        }
        shares_.data()[i] = share;
    }
    for (std::size_t i = count_; i < round_up(count_, kPanelRows); ++i) {
        shares_.data()[i] = T(0);
    }
    divisor_ = kernels_.sum(shares_.data(), nullptr, count_);
}

template <class T>
T Weighing<T>::weight_of_class(const Examples<T>& examples, std::size_t row) const {
    const std::int64_t found = examples.classes[row];
    if (found == criterion_.ignored) {
        return T(0);
    }
    const auto place = static_cast<std::size_t>(found);
    return criterion_.weights.empty() ? T(1) : static_cast<T>(criterion_.weights[place]);
}

template <class T>
T Weighing<T>::reduce(const T* row_losses) const {
    const T total = kernels_.sum(row_losses, row_weights(), count_);
    return criterion_.is_mean ? total / divisor_ : total;
}

template <class T>
BatchLoss<T>::BatchLoss(const Program& program, const Kernels<T>& kernels, std::size_t capacity)
    : criterion_(program.criterion),
      kernels_(kernels),
      units_(program.widths[program.prediction]),
      weighing_(program.criterion, kernels) {
    const std::size_t padded = round_up(capacity, kPanelRows);
    for (const double weight : criterion_.weights) {
        weights_.push_back(static_cast<T>(weight));
    }
    for (const double weight : criterion_.element_weights) {
        element_weights_.push_back(static_cast<T>(weight));
    }
    padding_ = Memory<T>(units_);
    targets_ = Memory<T>(criterion_.has_classes() ? 0 : padded, units_);
    classes_ = Memory<std::int32_t>(criterion_.has_classes() ? padded : 0);
    row_losses_ = Memory<T>(padded);
}

template <class T>
void BatchLoss<T>::choose(const Examples<T>& examples, const Chosen& chosen) {
    chosen_ = chosen;
    leaves_out_ = examples.leaves_out;
    weighing_.weigh(examples, chosen);
}

template <class T>
void BatchLoss<T>::gather(const Examples<T>& examples, std::size_t panel) {
    const T* rows[kPanelRows];
    for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
        const std::size_t i = panel * kPanelRows + lane;
        const bool is_row = i < chosen_.count;
        if (examples.classes != nullptr) {
            const std::int64_t found = is_row ? examples.classes[chosen_[i]] : 0;
            const bool counts = !examples.leaves_out || found != criterion_.ignored;
            classes_.data()[i] = counts ? static_cast<std::int32_t>(found) : -1;
        } else {
            rows[lane] = is_row ? examples.targets + chosen_[i] * units_ : padding_.data();
        }
    }
    if (examples.classes == nullptr) {
        kernels_.gather(rows, targets_.data() + panel * units_ * kPanelRows, units_);
    }
}

template <class T>
void BatchLoss<T>::judge(const T* prediction, T* delta, Panels panels) {
    const std::size_t outputs = criterion_.judges_rows() ? 1 : units_;
    LossTask<T> task{};
    task.kind = criterion_.kind;
    task.prediction = prediction;
    task.units = units_;
    task.targets = targets_.data();
    task.classes = classes_.data();
    task.leaves_out = leaves_out_;
    task.weights = weights_.empty() ? nullptr : weights_.data();
    task.element_weights = element_weights_.empty() ? nullptr : element_weights_.data();
    task.row_weights = weighing_.row_weights();
    task.rows = chosen_.count;
    task.panels = panels;
    task.setting = static_cast<T>(criterion_.setting);
    task.is_full = criterion_.is_full;
    task.share = criterion_.is_mean ? static_cast<T>(outputs) : T(1);
    task.scale = criterion_.is_mean ? T(1) / (static_cast<T>(outputs) * weighing_.divisor()) : T(1);
    task.row_losses = row_losses_.data();
    task.delta = delta;
    kernels_.loss(task);
}

template class Weighing<float>;
template class Weighing<double>;
template class BatchLoss<float>;
template class BatchLoss<double>;

}  // namespace pellucid
