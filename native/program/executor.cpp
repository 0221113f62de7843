#include "program/executor.h"

#include <algorithm>
#include <cstring>

namespace pellucid {

namespace {

// Numbers of a batch that repay one more meeting of the team.
constexpr std::size_t kNumbersOfMeeting = 4'096;

}  // namespace

template <class T>
Executor<T>::Executor(const Program& program, const Kernels<T>& kernels, std::size_t capacity,
                      bool keeps, Mode mode)
    : program_(program),
      kernels_(kernels),
      plan_(make_plan(program, keeps)),
      mode_(mode),
      loss_(program, kernels, capacity) {
    const std::size_t padded = round_up(capacity, kPanelRows);
    for (const std::size_t units : plan_.values) {
        values_.emplace_back(padded, units);
    }
    for (const std::size_t units : plan_.deltas) {
        deltas_.emplace_back(padded, units);
    }
    for (std::size_t buffer = 0; buffer < program.widths.size(); ++buffer) {
        const bool needed = plan_.buffers[buffer].needs_row_major;
        row_major_.emplace_back(needed ? padded : 0, stride(buffer));
    }
    for (const Node& node : program.nodes) {
        works_.push_back(make_work(node, padded));
        draws_ = draws_ || (node.kind == NodeKind::kDropout && drops(node));
    }
    added_ = Memory<T>(plan_.added_units > 0 ? padded : 0, plan_.added_units);
    std::size_t widest = 0;
    for (std::size_t input = 0; input < program.inputs(); ++input) {
        const bool is_category = program.is_category[input];
        categories_.emplace_back(is_category ? padded : 0, program.widths[input]);
        widest = std::max(widest, program.widths[input]);
    }
    padding_ = Memory<T>(widest);
}

template <class T>
typename Executor<T>::Work Executor<T>::make_work(const Node& node, std::size_t padded) const {
    const std::size_t units = program_.widths[node.output];
    Work work;
    if (node.kind == NodeKind::kDropout && drops(node)) {
        work.mask = Memory<T>(padded, units);
    }
    if (node.kind == NodeKind::kBatchNorm && mode_ == Mode::kTraining) {
        work.mean = Memory<T>(units);
        work.variance = Memory<T>(units);
        work.by_weight = Memory<T>(units);
        work.by_bias = Memory<T>(units);
    }
    if (node.kind == NodeKind::kEmbedding && learns(node) && padded > kBlockRows) {
        work.by_weight = Memory<T>(node.table_rows, node.table_units);
    }
    if (node.kind == NodeKind::kLayerNorm) {
        work.mean = Memory<T>(padded);
        work.inverse = Memory<T>(padded);
    }
    return work;
}

template <class T>
void Executor<T>::choose(const Examples<T>& examples, const Chosen& chosen) {
    chosen_ = chosen;
    loss_.choose(examples, chosen);
}

template <class T>
void Executor<T>::gather(const Examples<T>& examples, Panels panels, const Member& member) {
    if (examples.targets != nullptr || examples.classes != nullptr) {
        for (std::size_t panel = panels.first; panel < panels.end; ++panel) {
            loss_.gather(examples, panel);
        }
    }
    if (!program_.has_plain_input()) {
        gather_inputs(examples, panels);
        return;
    }
    const std::size_t width = program_.widths[0];
    if (this->panels() >= member.count || rows() * width < kNumbersOfMeeting) {
        gather_input(examples.inputs, 0, panels, {0, width});
        return;
    }
    const Panels columns = Share{member.index, member.count}.of(width);
    gather_input(examples.inputs, 0, {0, this->panels()}, columns);
    member.barrier.meet();
}

template <class T>
void Executor<T>::gather_input(const T* inputs, std::size_t buffer, Panels panels, Panels columns) {
    const std::size_t width = program_.widths[buffer];
    const std::size_t count = columns.end - columns.first;
    for (std::size_t panel = panels.first; panel < panels.end; ++panel) {
        const T* rows[kPanelRows];
        for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
            const std::size_t i = panel * kPanelRows + lane;
            const T* row = i < chosen_.count ? inputs + chosen_[i] * width : padding_.data();
            rows[lane] = row + columns.first;
        }
        kernels_.gather(rows, value(buffer) + (panel * width + columns.first) * kPanelRows, count);
        if (plan_.buffers[buffer].needs_row_major) {
            const std::size_t stride = this->stride(buffer);
            T* copy = row_major_[buffer].data() + panel * kPanelRows * stride + columns.first;
            for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
                std::memcpy(copy + lane * stride, rows[lane], count * sizeof(T));
            }
        }
    }
}

template <class T>
void Executor<T>::judge(Panels panels) {
    loss_.judge(value(program_.prediction), delta(program_.prediction), panels);
}

// Gradients that came along with those that were wanted: clipping would see them.
template <class T>
void Executor<T>::forget_frozen(const Node& node, T* gradients, Panels units) {
    const std::size_t inputs = node.kind == NodeKind::kLinear ? program_.widths[node.input] : 1;
    if (!node.learns_weight) {
        std::fill(gradients + node.weight + units.first * inputs,
                  gradients + node.weight + units.end * inputs, T(0));
    }
    if (!node.learns_bias && node.bias != kNone) {
        std::fill(gradients + node.bias + units.first, gradients + node.bias + units.end, T(0));
    }
}

template <class T>
void Executor<T>::read(const Memory<T>& panels, std::size_t units, T* out) const {
    for (std::size_t i = 0; i < rows(); ++i) {
        const T* in = panels.data() + i / kPanelRows * units * kPanelRows + i % kPanelRows;
        for (std::size_t unit = 0; unit < units; ++unit) {
            out[i * units + unit] = in[unit * kPanelRows];
        }
    }
}

template <class T>
void Executor<T>::read_values(std::size_t buffer, T* out) const {
    if (buffer < program_.inputs() && program_.is_category[buffer]) {
        std::copy_n(categories_[buffer].data(), rows() * program_.widths[buffer], out);
        return;
    }
    read(values_[plan_.buffers[buffer].value], program_.widths[buffer], out);
}

template <class T>
void Executor<T>::read_deltas(std::size_t buffer, T* out) const {
    read(deltas_[plan_.buffers[buffer].delta], program_.widths[buffer], out);
}

template class Executor<float>;
template class Executor<double>;

}  // namespace pellucid
