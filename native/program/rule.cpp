#include "program/rule.h"

#include <algorithm>
#include <cmath>

#include "math/power.h"

namespace pellucid {

namespace {

// PyTorch counts Adam's steps in a float, which stands still here.
constexpr std::uint64_t kLastCountedStep = std::uint64_t{1} << 24;

template <class T>
AdamTask<T> adam_task(const Rule& rule, double learning_rate, std::uint64_t done) {
    const std::uint64_t steps = std::min(done, kLastCountedStep);
    AdamTask<T> task{};
    task.step_size = static_cast<T>(learning_rate / (1 - power(rule.beta1, steps)));
    task.root_correction = static_cast<T>(std::sqrt(1 - power(rule.beta2, steps)));
    task.keep_square = static_cast<T>(rule.beta2);
    task.take = static_cast<T>(1 - rule.beta1);
    task.take_square = static_cast<T>(1 - rule.beta2);
    task.eps = static_cast<T>(rule.eps);
    task.weight_decay = static_cast<T>(rule.weight_decay);
    task.maximize = rule.maximize;
    return task;
}

template <class T>
SgdTask<T> sgd_task(const Rule& rule, double learning_rate, bool is_first) {
    SgdTask<T> task{};
    task.rate = static_cast<T>(learning_rate);
    task.momentum = static_cast<T>(rule.momentum);
    task.undamped = static_cast<T>(1 - rule.dampening);
    task.weight_decay = static_cast<T>(rule.weight_decay);
    task.is_first = is_first;
    task.nesterov = rule.nesterov;
    task.maximize = rule.maximize;
    return task;
}

}  // namespace

template <class T>
void update(const Rule& rule, const Kernels<T>& kernels, Numbers<T>& numbers, double learning_rate,
            std::uint64_t steps, bool is_first, Share share) {
    // Whole cache lines a thread.
    const Panels lines = share.of(numbers.parameters.size() / kPanelRows);
    const std::size_t at = lines.first * kPanelRows;
    const std::size_t count = lines.end * kPanelRows - at;
    if (rule.kind == RuleKind::kAdam) {
        AdamTask<T> task = adam_task<T>(rule, learning_rate, steps);
        task.parameter = numbers.parameters.data() + at;
        task.gradient = numbers.gradients.data() + at;
        task.average = numbers.memory1.data() + at;
        task.average_square = numbers.memory2.data() + at;
        task.count = count;
        kernels.adam(task);
    } else {
        SgdTask<T> task = sgd_task<T>(rule, learning_rate, is_first);
        task.parameter = numbers.parameters.data() + at;
        task.gradient = numbers.gradients.data() + at;
        task.buffer = rule.momentum != 0 ? numbers.memory1.data() + at : nullptr;
        task.count = count;
        kernels.sgd(task);
    }
}

template void update(const Rule&, const Kernels<float>&, Numbers<float>&, double, std::uint64_t,
                     bool, Share);
template void update(const Rule&, const Kernels<double>&, Numbers<double>&, double, std::uint64_t,
                     bool, Share);

}  // namespace pellucid
