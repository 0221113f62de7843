// What each kind of node does with its panels: forwards, backwards, and its gradients.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "program/executor.h"
#include "random/mt19937.h"

namespace pellucid {

namespace {

// Numbers of a buffer of `units` in a range of panels: where they start, and how many there are.
std::size_t start_of(Panels panels, std::size_t units) {
    return panels.first * units * kPanelRows;
}
std::size_t size_of(Panels panels, std::size_t units) {
    return (panels.end - panels.first) * units * kPanelRows;
}

template <class T>
const T* at(const T* parameters, std::size_t start) {
    return start == kNone ? nullptr : parameters + start;
}

template <class T>
void copy_numbers(const T* from, T* to, std::size_t count) {
    if (from != to) {
        std::memcpy(to, from, count * sizeof(T));
    }
}

}  // namespace

template <class T>
void Executor<T>::draw(std::uint32_t* generator) {
    if (!draws_) {
        return;
    }
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
        const Node& node = program_.nodes[i];
        if (node.kind == NodeKind::kDropout && drops(node) && node.p < 1) {
            works_[i].key = static_cast<std::uint32_t>(Generator(generator).random_int64());
        }
    }
}

template <class T>
void Executor<T>::forward(const Weights<T>& weights, Panels panels, const Member& member) {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
        if (program_.nodes[i].kind == NodeKind::kBatchNorm) {
            normalize(i, weights, panels, member);
        } else if (program_.nodes[i].kind == NodeKind::kLinear) {
            multiply(i, weights, panels, member);
        } else {
            forward_node(i, weights, panels);
        }
    }
}

template <class T>
void Executor<T>::forward_node(std::size_t i, const Weights<T>& weights, Panels panels) {
    const Node& node = program_.nodes[i];
    const std::size_t units = program_.widths[node.output];
    const std::size_t first = start_of(panels, units);
    const T* in = value(node.input);
    T* out = value(node.output);
    switch (node.kind) {
        case NodeKind::kActivation:
            kernels_.activate({node.activation, static_cast<T>(node.first),
                               static_cast<T>(node.second), in + first, out + first, nullptr,
                               nullptr, size_of(panels, units)});
            break;
        case NodeKind::kSoftmax:
            kernels_.softmax(in, out, units, panels);
            break;
        case NodeKind::kLogSoftmax:
            kernels_.log_softmax(in, out, units, panels);
            break;
        case NodeKind::kAdd:
            kernels_.add(in + first, value(node.other) + first, out + first,
                         size_of(panels, units));
            break;
        case NodeKind::kConcat:
            join(node, panels);
            break;
        case NodeKind::kEmbedding:
            look_up(node, weights, panels);
            break;
        case NodeKind::kDropout:
            drop(i, panels);
            break;
        case NodeKind::kLayerNorm: {
            const NormTask<T> task = norm_task(i, weights, panels);
            kernels_.measure_rows(task);
            kernels_.normalize(task);
            break;
        }
        case NodeKind::kLinear:
        case NodeKind::kBatchNorm:
            break;
    }
}

template <class T>
void Executor<T>::drop(std::size_t i, Panels panels) {
    const Node& node = program_.nodes[i];
    const std::size_t units = program_.widths[node.output];
    const std::size_t first = start_of(panels, units);
    const std::size_t count = size_of(panels, units);
    const T* in = value(node.input) + first;
    T* out = value(node.output) + first;
    if (!drops(node)) {
        copy_numbers(in, out, count);
        return;
    }
    T* mask = works_[i].mask.data();
    if (node.p < 1) {  // else the mask is 0 from the start
        const double limit = std::nearbyint((1 - node.p) * 4294967296.0);
        kernels_.mask({works_[i].key, static_cast<std::uint64_t>(limit),
                       static_cast<T>(1 / (1 - node.p)), units, panels, mask});
    }
    kernels_.multiply(in, mask + first, out, count);
}

// Batch normalization couples the rows: its moments are sums over all panels, so every member comes
// with its panels done, measures a share of the units, and goes on when all have measured.
template <class T>
void Executor<T>::normalize(std::size_t i, const Weights<T>& weights, Panels panels,
                            const Member& member) {
    const Node& node = program_.nodes[i];
    NormTask<T> task = norm_task(i, weights, panels);
    if (couples(node)) {
        member.barrier.meet();
        task.share = Share{member.index, member.count}.of(task.units);
        kernels_.measure_units(task);
        member.barrier.meet();
    }
    kernels_.normalize(task);
}

template <class T>
NormTask<T> Executor<T>::norm_task(std::size_t i, const Weights<T>& weights, Panels panels) {
    const Node& node = program_.nodes[i];
    Work& work = works_[i];
    NormTask<T> task{};
    task.by_row = node.kind == NodeKind::kLayerNorm;
    task.is_fixed = !couples(node);
    task.x = value(node.input);
    task.y = value(node.output);
    task.delta_y = delta(node.output);
    task.own_mean = work.mean.data();
    task.own_variance = work.variance.data();
    task.mean = task.own_mean;
    task.variance = task.own_variance;
    task.inverse = work.inverse.data();
    task.weight = at(weights.parameters, node.weight);
    task.bias = at(weights.parameters, node.bias);
    task.eps = static_cast<T>(node.eps);
    task.units = program_.widths[node.output];
    task.rows = rows();
    task.panels = panels;
    if (!task.by_row && task.is_fixed) {
        task.mean = weights.statistics + node.statistics;
        task.variance = task.mean + task.units;
    }
    return task;
}

template <class T>
void Executor<T>::backward(const Weights<T>& weights, Panels panels, const Member& member) {
    for (std::size_t i = program_.nodes.size(); i-- > 0;) {
        const Node& node = program_.nodes[i];
        if (node.kind == NodeKind::kLinear && plan_.buffers[node.input].needs_row_major &&
            node.input >= program_.inputs()) {
            kernels_.to_rows(value(node.input), program_.widths[node.input],
                             row_major_[node.input].data(), stride(node.input), panels);
        }
        if (delta(node.output) != nullptr) {
            backward_node(i, weights, panels, member);
        }
    }
}

template <class T>
void Executor<T>::backward_node(std::size_t i, const Weights<T>& weights, Panels panels,
                                const Member& member) {
    const Node& node = program_.nodes[i];
    if (node.kind == NodeKind::kBatchNorm) {
        sum_norm(i, weights, member);
    }
    if (node.kind == NodeKind::kConcat) {
        part_back(i, panels);
        return;
    }
    if (T* to = delta(node.input)) {
        const bool adds = plan_.adds[i].to_input;
        T* into = adds ? added_.data() : to;
        if (node.kind == NodeKind::kLinear) {
            multiply_back(i, weights, panels, member, into);
        } else {
            backward_into(i, weights, panels, into);
        }
        if (adds) {
            const std::size_t units = program_.widths[node.input];
            const std::size_t first = start_of(panels, units);
            kernels_.add(to + first, added_.data() + first, to + first, size_of(panels, units));
        }
    }
    if (node.other != kNone && delta(node.other) != nullptr) {
        backward_to_other(i, panels);
    }
}

template <class T>
void Executor<T>::backward_into(std::size_t i, const Weights<T>& weights, Panels panels, T* to) {
    const Node& node = program_.nodes[i];
    const std::size_t units = program_.widths[node.output];
    const std::size_t first = start_of(panels, units);
    const std::size_t count = size_of(panels, units);
    const T* from = delta(node.output);
    switch (node.kind) {
        case NodeKind::kLinear:
            break;
        case NodeKind::kActivation:
            kernels_.activate_back({node.activation, static_cast<T>(node.first),
                                    static_cast<T>(node.second), value(node.input) + first,
                                    value(node.output) + first, from + first, to + first, count});
            break;
        case NodeKind::kSoftmax:
            kernels_.softmax_back(value(node.output), from, to, units, panels);
            break;
        case NodeKind::kLogSoftmax:
            kernels_.log_softmax_back(value(node.output), from, to, units, panels);
            break;
        case NodeKind::kAdd:
            copy_numbers(from + first, to + first, count);
            break;
        case NodeKind::kConcat:
        case NodeKind::kEmbedding:
            break;
        case NodeKind::kDropout:
            if (drops(node)) {
                kernels_.multiply(from + first, works_[i].mask.data() + first, to + first, count);
            } else {
                copy_numbers(from + first, to + first, count);
            }
            break;
        case NodeKind::kLayerNorm:
        case NodeKind::kBatchNorm: {
            NormTask<T> task = norm_task(i, weights, panels);
            task.delta_x = to;
            task.by_weight = works_[i].by_weight.data();
            task.by_bias = works_[i].by_bias.data();
            (task.by_row ? kernels_.normalize_rows_back : kernels_.normalize_units_back)(task);
            break;
        }
    }
}

// The sums over all rows that the way back through batch normalization, and its gradients, need.
template <class T>
void Executor<T>::sum_norm(std::size_t i, const Weights<T>& weights, const Member& member) {
    NormTask<T> task = norm_task(i, weights, {0, 0});
    task.share = Share{member.index, member.count}.of(task.units);
    task.by_weight = works_[i].by_weight.data();
    task.by_bias = works_[i].by_bias.data();
    member.barrier.meet();
    kernels_.normalize_sums(task);
    member.barrier.meet();
}

template <class T>
void Executor<T>::differentiate(T* gradients, Share share) {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
        const Node& node = program_.nodes[i];
        if (!learns(node)) {
            continue;  // before the share, whose division is felt in small networks
        }
        if (node.kind == NodeKind::kEmbedding) {
            differentiate_table(i, gradients, share);
            continue;
        }
        const Panels units = share.of(program_.widths[node.output]);
        if (node.kind == NodeKind::kLinear) {
            differentiate_linear(node, gradients, units);
        } else {
            differentiate_norm(i, gradients, units);
        }
        forget_frozen(node, gradients, units);
    }
}

template <class T>
void Executor<T>::differentiate_norm(std::size_t i, T* gradients, Panels units) {
    const Node& node = program_.nodes[i];
    T* by_weight = gradients + node.weight;
    T* by_bias = node.bias == kNone ? nullptr : gradients + node.bias;
    if (node.kind == NodeKind::kLayerNorm) {
        NormTask<T> task = norm_task(i, {nullptr, nullptr}, {0, 0});
        task.by_weight = by_weight;
        task.by_bias = by_bias;
        task.share = units;
        kernels_.normalize_sums(task);
        return;
    }
    const Work& work = works_[i];
    std::copy(work.by_weight.data() + units.first, work.by_weight.data() + units.end,
              by_weight + units.first);
    if (by_bias != nullptr) {
        std::copy(work.by_bias.data() + units.first, work.by_bias.data() + units.end,
                  by_bias + units.first);
    }
}

template <class T>
void Executor<T>::follow(Numbers<T>& numbers) const {
    if (program_.statistics == 0) {
        return;
    }
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
        const Node& node = program_.nodes[i];
        if (node.statistics == kNone || !couples(node)) {
            continue;
        }
        const std::size_t units = program_.widths[node.output];
        const std::int64_t seen = ++numbers.counters.data()[node.counter];
        const double part = node.momentum < 0 ? 1 / static_cast<double>(seen) : node.momentum;
        // PyTorch keeps the variance of a sample there, divided by n - 1.
        const double unbiased = static_cast<double>(rows()) / (static_cast<double>(rows()) - 1);
        T* mean = numbers.statistics.data() + node.statistics;
        T* variance = mean + units;
        for (std::size_t unit = 0; unit < units; ++unit) {
            const auto own_mean = static_cast<double>(works_[i].mean.data()[unit]);
            const auto own = static_cast<double>(works_[i].variance.data()[unit]) * unbiased;
            mean[unit] =
                static_cast<T>(part * own_mean + (1 - part) * static_cast<double>(mean[unit]));
            variance[unit] =
                static_cast<T>(part * own + (1 - part) * static_cast<double>(variance[unit]));
        }
    }
}

// The class itself is instantiated in executor.cpp, with what is defined there.
#define PELLUCID_NODES(T)                                                                        \
    template void Executor<T>::draw(std::uint32_t*);                                             \
    template void Executor<T>::forward(const Weights<T>&, Panels, const Member&);                \
    template void Executor<T>::forward_node(std::size_t, const Weights<T>&, Panels);             \
    template void Executor<T>::drop(std::size_t, Panels);                                        \
    template void Executor<T>::normalize(std::size_t, const Weights<T>&, Panels, const Member&); \
    template NormTask<T> Executor<T>::norm_task(std::size_t, const Weights<T>&, Panels);         \
    template void Executor<T>::backward(const Weights<T>&, Panels, const Member&);               \
    template void Executor<T>::backward_node(std::size_t, const Weights<T>&, Panels,             \
                                             const Member&);                                     \
    template void Executor<T>::backward_into(std::size_t, const Weights<T>&, Panels, T*);        \
    template void Executor<T>::sum_norm(std::size_t, const Weights<T>&, const Member&);          \
    template void Executor<T>::differentiate(T*, Share);                                         \
    template void Executor<T>::differentiate_norm(std::size_t, T*, Panels);                      \
    template void Executor<T>::follow(Numbers<T>&) const;
PELLUCID_NODES(float)
PELLUCID_NODES(double)
#undef PELLUCID_NODES

}  // namespace pellucid
