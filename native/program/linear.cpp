// Linear layers: their products forwards and backwards, and their gradients.
#include "program/executor.h"

namespace pellucid {

namespace {

// Multiply-adds of a product that repay two more meetings of the team.
constexpr std::size_t kWorkOfMeeting = 100'000;

}  // namespace

// A batch of fewer panels than members leaves some without a panel: of large products each does
// some units of the whole batch.
template <class T>
void Executor<T>::divide(Product<T> task, Panels panels, const Member& member) const {
    if (this->panels() >= member.count || rows() * task.m * task.k < kWorkOfMeeting) {
        task.panels = panels;
        task.units = {0, task.m};
        kernels_.product(task);
        return;
    }
    task.panels = {0, this->panels()};
    task.units = Share{member.index, member.count}.of(task.m);
    member.barrier.meet();
    kernels_.product(task);
    member.barrier.meet();
}

template <class T>
void Executor<T>::multiply(std::size_t i, const Weights<T>& weights, Panels panels,
                           const Member& member) {
    const Node& node = program_.nodes[i];
    const std::size_t inputs = program_.widths[node.input];
    Product<T> task{};
    task.a = weights.parameters + node.weight;
    task.row = static_cast<std::ptrdiff_t>(inputs);
    task.column = 1;
    task.start = node.bias == kNone ? nullptr : weights.parameters + node.bias;
    task.b = value(node.input);
    task.c = value(node.output);
    task.m = program_.widths[node.output];
    task.k = inputs;
    divide(task, panels, member);
}

template <class T>
void Executor<T>::multiply_back(std::size_t i, const Weights<T>& weights, Panels panels,
                                const Member& member, T* to) {
    const Node& node = program_.nodes[i];
    const std::size_t inputs = program_.widths[node.input];
    Product<T> task{};
    task.a = weights.parameters + node.weight;
    task.row = 1;
    task.column = static_cast<std::ptrdiff_t>(inputs);
    task.b = delta(node.output);
    task.c = to;
    task.m = inputs;
    task.k = program_.widths[node.output];
    divide(task, panels, member);
}

template <class T>
void Executor<T>::differentiate_linear(const Node& node, T* gradients, Panels units) {
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

// The class itself is instantiated in executor.cpp, with what is defined there.
#define PELLUCID_LINEAR(T)                                                                      \
    template void Executor<T>::divide(Product<T>, Panels, const Member&) const;                 \
    template void Executor<T>::multiply(std::size_t, const Weights<T>&, Panels, const Member&); \
    template void Executor<T>::multiply_back(std::size_t, const Weights<T>&, Panels,            \
                                             const Member&, T*);                                \
    template void Executor<T>::differentiate_linear(const Node&, T*, Panels);
PELLUCID_LINEAR(float)
PELLUCID_LINEAR(double)
#undef PELLUCID_LINEAR

}  // namespace pellucid
