#include "program/rule.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "math/power.h"

namespace pellucid {

namespace {

// PyTorch counts steps in a float, which stands still here.
constexpr std::uint64_t kLastCountedStep = std::uint64_t{1} << 24;

// One group's rule at one step.
struct Moment {
    const Rule& rule;
    double learning_rate;
    double momentum;  // momentum or beta1
    std::uint64_t steps;
    bool is_first;
};

// Where a piece of the flat arrays lies.
template <class T>
struct Place {
    T* parameter;
    T* gradient;
    T* memory[kMemories];
};

template <class T>
AdamTask<T> adam_task(const Moment& moment) {
    const Rule& rule = moment.rule;
    AdamTask<T> task{};
    const double root = std::sqrt(1 - power(rule.beta2, moment.steps));
    task.step_size =
        static_cast<T>(moment.learning_rate * root / (1 - power(moment.momentum, moment.steps)));
    task.keep_square = static_cast<T>(rule.beta2);
    task.take = static_cast<T>(1 - moment.momentum);
    task.take_square = static_cast<T>(1 - rule.beta2);
    // A gradient of 0 is divided by it: it must not be flushed to 0.
    task.eps = rule.eps == 0
                   ? T(0)
                   : std::max(static_cast<T>(rule.eps * root), std::numeric_limits<T>::min());
    task.weight_decay = static_cast<T>(rule.is_decoupled ? 0 : rule.weight_decay);
    const double decay = rule.is_decoupled ? moment.learning_rate * rule.weight_decay : 0;
    task.shrink = static_cast<T>(1 - decay);
    return task;
}

template <class T>
SgdTask<T> sgd_task(const Moment& moment) {
    SgdTask<T> task{};
    task.rate = static_cast<T>(moment.learning_rate);
    task.momentum = static_cast<T>(moment.momentum);
    task.undamped = static_cast<T>(1 - moment.rule.dampening);
    task.weight_decay = static_cast<T>(moment.rule.weight_decay);
    task.is_first = moment.is_first;
    task.nesterov = moment.rule.nesterov;
    return task;
}

template <class T>
RmspropTask<T> rmsprop_task(const Moment& moment) {
    RmspropTask<T> task{};
    task.rate = static_cast<T>(moment.learning_rate);
    task.keep = static_cast<T>(moment.rule.alpha);
    task.take = static_cast<T>(1 - moment.rule.alpha);
    task.eps = static_cast<T>(moment.rule.eps);
    task.momentum = static_cast<T>(moment.momentum);
    task.weight_decay = static_cast<T>(moment.rule.weight_decay);
    return task;
}

template <class T>
AdagradTask<T> adagrad_task(const Moment& moment) {
    AdagradTask<T> task{};
    const double earlier = static_cast<double>(moment.steps - 1);
    task.rate = static_cast<T>(moment.learning_rate / (1 + earlier * moment.rule.lr_decay));
    task.eps = static_cast<T>(moment.rule.eps);
    task.weight_decay = static_cast<T>(moment.rule.weight_decay);
    return task;
}

template <class T, class Task>
void run_kernel(void (*kernel)(const Task&), Task task, const Place<T>& place, std::size_t count) {
    task.parameter = place.parameter;
    task.gradient = place.gradient;
    std::copy_n(place.memory, kMemories, task.memory);
    task.count = count;
    kernel(task);
}

// Kernels take whole panels' rows; what is left of a group before the next begins is done apart.
template <class T, class Task>
void run_pieces(void (*kernel)(const Task&), const Task& task, Place<T> place, std::size_t count) {
    const std::size_t whole = count / kPanelRows * kPanelRows;
    if (whole > 0) {
        run_kernel<T>(kernel, task, place, whole);
    }
    const std::size_t rest = count - whole;
    if (rest == 0) {
        return;
    }
    T piece[2 + kMemories][kPanelRows] = {};
    Place<T> apart{piece[0], piece[1], {}};
    const auto at = [&](T* numbers) { return numbers == nullptr ? nullptr : numbers + whole; };
    std::copy_n(at(place.parameter), rest, apart.parameter);
    std::copy_n(at(place.gradient), rest, apart.gradient);
    for (std::size_t i = 0; i < kMemories; ++i) {
        if (place.memory[i] != nullptr) {
            apart.memory[i] = piece[2 + i];
            std::copy_n(at(place.memory[i]), rest, apart.memory[i]);
        }
    }
    run_kernel<T>(kernel, task, apart, kPanelRows);
    std::copy_n(apart.parameter, rest, at(place.parameter));
    for (std::size_t i = 0; i < kMemories; ++i) {
        if (place.memory[i] != nullptr) {
            std::copy_n(apart.memory[i], rest, at(place.memory[i]));
        }
    }
}

template <class T, class Task>
void run_rule(void (*kernel)(const Task&), Task task, const Moment& moment, const Place<T>& place,
              std::size_t count) {
    task.maximize = moment.rule.maximize;
    run_pieces<T>(kernel, task, place, count);
}

template <class T>
void update_piece(RuleKind kind, const Kernels<T>& kernels, const Moment& moment,
                  const Place<T>& place, std::size_t count) {
    switch (kind) {
        case RuleKind::kSgd:
            return run_rule<T>(kernels.sgd, sgd_task<T>(moment), moment, place, count);
        case RuleKind::kAdam:
            return run_rule<T>(kernels.adam, adam_task<T>(moment), moment, place, count);
        case RuleKind::kRmsprop:
            return run_rule<T>(kernels.rmsprop, rmsprop_task<T>(moment), moment, place, count);
        case RuleKind::kAdagrad:
            return run_rule<T>(kernels.adagrad, adagrad_task<T>(moment), moment, place, count);
    }
}

}  // namespace

template <class T>
void update(const Optimizer& optimizer, const Kernels<T>& kernels, Numbers<T>& numbers,
            const Rates& rates, std::uint64_t steps, bool is_first, Share share) {
    // Whole cache lines a thread.
    const Panels lines = share.of(numbers.parameters.size() / kPanelRows);
    Memory<T>* memories[kMemories] = {&numbers.memory1, &numbers.memory2, &numbers.memory3};
    const auto update_range = [&](std::size_t first, std::size_t end, std::size_t group) {
        const Rule& rule = optimizer.groups[group];
        const double own = optimizer.kind == RuleKind::kAdam ? rule.beta1 : rule.momentum;
        const double momentum = rates.momenta == nullptr ? own : rates.momenta[group];
        const Moment moment{rule, rates.learning_rates[group], momentum,
                            std::min(steps, kLastCountedStep), is_first};
        Place<T> place{numbers.parameters.data() + first, numbers.gradients.data() + first, {}};
        for (std::size_t i = 0; i < kMemories; ++i) {
            place.memory[i] = optimizer.keeps(rule, i) ? memories[i]->data() + first : nullptr;
        }
        update_piece<T>(optimizer.kind, kernels, moment, place, end - first);
    };
    const std::size_t first = lines.first * kPanelRows;
    const std::size_t end = lines.end * kPanelRows;
    if (optimizer.segments.empty()) {
        update_range(first, end, 0);
    }
    for (const Segment& segment : optimizer.segments) {
        if (segment.first < end && segment.end > first) {
            update_range(std::max(first, segment.first), std::min(end, segment.end), segment.group);
        }
    }
}

template <class T>
Clipping<T>::Clipping(const Optimizer& optimizer, const Kernels<T>& kernels, std::size_t parameters)
    : kernels_(kernels),
      norm_(static_cast<T>(optimizer.clip_norm)),
      bound_(optimizer.clip_value > 0 ? static_cast<T>(optimizer.clip_value)
                                      : std::numeric_limits<T>::infinity()),
      count_(optimizer.clips() ? parameters : 0),
      squares_((count_ + kBlockRows - 1) / kBlockRows) {}

template <class T>
void Clipping<T>::measure(const T* gradients, Share share) {
    const Panels blocks = share.of((count_ + kBlockRows - 1) / kBlockRows);
    for (std::size_t block = blocks.first; block < blocks.end; ++block) {
        const T* numbers = gradients + block * kBlockRows;
        const std::size_t count = std::min(kBlockRows, count_ - block * kBlockRows);
        squares_.data()[block] = kernels_.sum(numbers, numbers, count);
    }
}

template <class T>
void Clipping<T>::apply(T* gradients, Share share) const {
    T factor = T(1);
    if (measures()) {
        T total = T(0);
        for (std::size_t block = 0; block * kBlockRows < count_; ++block) {
            total += squares_.data()[block];
        }
        factor = norm_ / (std::sqrt(total) + T(1e-6));
        factor = factor > T(1) ? T(1) : factor;
    }
    const Panels lines = share.of(round_up(count_, kPanelRows) / kPanelRows);
    kernels_.clip(gradients + lines.first * kPanelRows, (lines.end - lines.first) * kPanelRows,
                  factor, bound_);
}

template class Clipping<float>;
template class Clipping<double>;
template void update(const Optimizer&, const Kernels<float>&, Numbers<float>&, const Rates&,
                     std::uint64_t, bool, Share);
template void update(const Optimizer&, const Kernels<double>&, Numbers<double>&, const Rates&,
                     std::uint64_t, bool, Share);

}  // namespace pellucid
