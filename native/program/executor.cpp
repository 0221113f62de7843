#include "program/executor.h"

#include <algorithm>
#include <cstring>

namespace pellucid {

template <class T>
Executor<T>::Executor(const Program& program, const Kernels<T>& kernels, std::size_t capacity,
                      bool keeps)
    : program_(program), kernels_(kernels), plan_(make_plan(program, keeps)) {
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
    padding_ = Memory<T>(std::max(program.widths[0], program.widths[program.prediction]));
    const bool has_classes = program.loss == LossKind::kCrossEntropy;
    targets_ = Memory<T>(has_classes ? 0 : padded, program.widths[program.prediction]);
    classes_ = Memory<std::int32_t>(has_classes ? padded : 0);
    row_losses_ = Memory<T>(padded);
}

template <class T>
void Executor<T>::choose(const std::int64_t* rows, std::size_t first, std::size_t count) {
    chosen_ = rows;
    first_ = first;
    rows_ = count;
}

template <class T>
void Executor<T>::gather(const Examples<T>& examples, Panels panels) {
    for (std::size_t panel = panels.first; panel < panels.end; ++panel) {
        gather_panel(examples, panel);
        if (examples.targets != nullptr || examples.classes != nullptr) {
            gather_targets(examples, panel);
        }
    }
}

template <class T>
void Executor<T>::gather_panel(const Examples<T>& examples, std::size_t panel) {
    const std::size_t width = program_.widths[0];
    const T* rows[kPanelRows];
    for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
        const std::size_t i = panel * kPanelRows + lane;
        rows[lane] = i < rows_ ? examples.inputs + row(i) * width : padding_.data();
    }
    kernels_.gather(rows, value(0) + panel * width * kPanelRows, width);
    if (plan_.buffers[0].needs_row_major) {
        T* copy = row_major_[0].data() + panel * kPanelRows * stride(0);
        for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
            std::memcpy(copy + lane * stride(0), rows[lane], width * sizeof(T));
        }
    }
}

template <class T>
void Executor<T>::gather_targets(const Examples<T>& examples, std::size_t panel) {
    const std::size_t width = program_.widths[program_.prediction];
    const T* rows[kPanelRows];
    for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
        const std::size_t i = panel * kPanelRows + lane;
        if (examples.classes != nullptr) {
            classes_.data()[i] =
                i < rows_ ? static_cast<std::int32_t>(examples.classes[row(i)]) : 0;
        } else {
            rows[lane] = i < rows_ ? examples.targets + row(i) * width : padding_.data();
        }
    }
    if (examples.classes == nullptr) {
        kernels_.gather(rows, targets_.data() + panel * width * kPanelRows, width);
    }
}

template <class T>
void Executor<T>::forward(const T* parameters, Panels panels) {
    for (const Node& node : program_.nodes) {
        forward_node(node, parameters, panels);
    }
}

template <class T>
void Executor<T>::forward_node(const Node& node, const T* parameters, Panels panels) {
    const std::size_t units = program_.widths[node.output];
    const T* in = value(node.input);
    T* out = value(node.output);
    switch (node.kind) {
        case NodeKind::kLinear: {
            const std::size_t inputs = program_.widths[node.input];
            const T* bias = node.bias == kNone ? nullptr : parameters + node.bias;
            const auto row = static_cast<std::ptrdiff_t>(inputs);
            kernels_.product(
                {parameters + node.weight, row, 1, bias, in, out, units, inputs, panels});
            break;
        }
        case NodeKind::kActivation: {
            const std::size_t at = panels.first * units * kPanelRows;
            kernels_.activate(node.activation, in + at, out + at,
                              (panels.end - panels.first) * units * kPanelRows);
            break;
        }
        case NodeKind::kSoftmax:
            kernels_.softmax(in, out, units, panels);
            break;
    }
}

template <class T>
void Executor<T>::judge(Panels panels) {
    const std::size_t units = program_.widths[program_.prediction];
    const bool is_elementwise = program_.loss != LossKind::kCrossEntropy;
    const std::size_t outputs = is_elementwise ? units : 1;
    LossTask<T> task{};
    task.kind = program_.loss;
    task.prediction = value(program_.prediction);
    task.units = units;
    task.targets = targets_.data();
    task.classes = classes_.data();
    task.rows = rows_;
    task.panels = panels;
    task.share = program_.is_mean ? static_cast<T>(outputs) : T(1);
    task.scale = program_.is_mean ? T(1) / static_cast<T>(outputs * rows_) : T(1);
    task.row_losses = row_losses_.data();
    task.delta = delta(program_.prediction);
    kernels_.loss(task);
}

template <class T>
T Executor<T>::loss() const {
    const T total = kernels_.sum(row_losses_.data(), rows_);
    return program_.is_mean ? total / static_cast<T>(rows_) : total;
}

template <class T>
void Executor<T>::backward(const T* parameters, Panels panels) {
    for (std::size_t i = program_.nodes.size(); i-- > 0;) {
        const Node& node = program_.nodes[i];
        if (node.kind == NodeKind::kLinear && plan_.buffers[node.input].needs_row_major &&
            node.input != 0) {
            kernels_.to_rows(value(node.input), program_.widths[node.input],
                             row_major_[node.input].data(), stride(node.input), panels);
        }
        if (delta(node.input) != nullptr) {
            backward_node(node, parameters, panels);
        }
    }
}

template <class T>
void Executor<T>::backward_node(const Node& node, const T* parameters, Panels panels) {
    const std::size_t units = program_.widths[node.output];
    const T* from = delta(node.output);
    T* to = delta(node.input);
    switch (node.kind) {
        case NodeKind::kLinear: {
            const std::size_t inputs = program_.widths[node.input];
            const auto column = static_cast<std::ptrdiff_t>(inputs);
            kernels_.product(
                {parameters + node.weight, 1, column, nullptr, from, to, inputs, units, panels});
            break;
        }
        case NodeKind::kActivation: {
            const std::size_t at = panels.first * units * kPanelRows;
            kernels_.activate_back(node.activation, value(node.output) + at, from + at, to + at,
                                   (panels.end - panels.first) * units * kPanelRows);
            break;
        }
        case NodeKind::kSoftmax:
            kernels_.softmax_back(value(node.output), from, to, units, panels);
            break;
    }
}

template <class T>
void Executor<T>::differentiate(T* gradients, Share share) {
    for (const Node& node : program_.nodes) {
        if (node.kind != NodeKind::kLinear) {
            continue;
        }
        const Panels units = share.of(program_.widths[node.output]);
        Gradient<T> task{};
        task.delta = delta(node.output);
        task.units = program_.widths[node.output];
        task.values = value(node.input);
        task.row_major = row_major_[node.input].data();
        task.stride = stride(node.input);
        task.inputs = program_.widths[node.input];
        task.rows = rows_;
        task.first = units.first;
        task.end = units.end;
        task.weight = gradients + node.weight;
        task.bias = node.bias == kNone ? nullptr : gradients + node.bias;
        if (is_large(program_, node)) {
            kernels_.large_gradient(task);
        } else {
            kernels_.small_gradient(task);
        }
    }
}

template <class T>
void Executor<T>::read(const Memory<T>& panels, std::size_t units, T* out) const {
    for (std::size_t i = 0; i < rows_; ++i) {
        const T* in = panels.data() + i / kPanelRows * units * kPanelRows + i % kPanelRows;
        for (std::size_t unit = 0; unit < units; ++unit) {
            out[i * units + unit] = in[unit * kPanelRows];
        }
    }
}

template <class T>
void Executor<T>::read_values(std::size_t buffer, T* out) const {
    read(values_[plan_.buffers[buffer].value], program_.widths[buffer], out);
}

template <class T>
void Executor<T>::read_deltas(std::size_t buffer, T* out) const {
    read(deltas_[plan_.buffers[buffer].delta], program_.widths[buffer], out);
}

template class Executor<float>;
template class Executor<double>;

}  // namespace pellucid
