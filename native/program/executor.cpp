#include "program/executor.h"

#include <algorithm>
#include <cstring>

namespace pellucid {

template <class T>
Executor<T>::Executor(const Program& program, const Kernels<T>& kernels, std::size_t capacity,
                      bool keeps)
    : program_(program),
      kernels_(kernels),
      plan_(make_plan(program, keeps)),
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
    padding_ = Memory<T>(program.widths[0]);
}

template <class T>
void Executor<T>::choose(const Examples<T>& examples, const Chosen& chosen) {
    chosen_ = chosen;
    loss_.choose(examples, chosen);
}

template <class T>
void Executor<T>::gather(const Examples<T>& examples, Panels panels) {
    for (std::size_t panel = panels.first; panel < panels.end; ++panel) {
        gather_panel(examples, panel);
        if (examples.targets != nullptr || examples.classes != nullptr) {
            loss_.gather(examples, panel);
        }
    }
}

template <class T>
void Executor<T>::gather_panel(const Examples<T>& examples, std::size_t panel) {
    const std::size_t width = program_.widths[0];
    const T* rows[kPanelRows];
    for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
        const std::size_t i = panel * kPanelRows + lane;
        rows[lane] = i < chosen_.count ? examples.inputs + chosen_[i] * width : padding_.data();
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
    loss_.judge(value(program_.prediction), delta(program_.prediction), panels);
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
        task.rows = rows();
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
    for (std::size_t i = 0; i < rows(); ++i) {
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
