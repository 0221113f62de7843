// Networks and examples for tests of whole trainings.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "program/executor.h"
#include "program/program.h"
#include "tests/check.h"

namespace pellucid::tests {

inline Program make_program(const std::vector<std::size_t>& widths, Activation activation,
                            LossKind loss, RuleKind rule) {
    Program program;
    program.widths = {widths[0]};
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
        const std::size_t input = program.widths.size() - 1;
        const std::size_t weights = widths[i] * widths[i + 1];
        const std::size_t start = program.parameters;
        program.nodes.push_back(
            {NodeKind::kLinear, Activation::kIdentity, input, input + 1, start, start + weights});
        const bool is_last = i + 2 == widths.size();
        const bool is_probability = loss == LossKind::kBinary;
        const Activation last = is_probability ? Activation::kSigmoid : Activation::kIdentity;
        program.nodes.push_back({NodeKind::kActivation, is_last ? last : activation, input + 1,
                                 input + 2, kNone, kNone});
        program.widths.insert(program.widths.end(), 2, widths[i + 1]);
        program.parameters += weights + widths[i + 1];
    }
    program.prediction = program.widths.size() - 1;
    program.criterion.kind = loss;
    program.optimizer.kind = rule;
    program.optimizer.groups[0].momentum = 0.9;
    return program;
}

template <class T>
struct Table {
    std::vector<T> inputs;
    std::vector<T> targets;
    std::vector<std::int64_t> classes;
    Examples<T> examples;
};

template <class T>
Table<T> make_table(const Program& program, std::size_t count) {
    Stream stream(5);
    Table<T> table;
    const std::size_t outputs = program.widths[program.prediction];
    table.inputs = stream.numbers<T>(count * program.widths[0]);
    table.targets = stream.numbers<T>(count * outputs);
    for (T& target : table.targets) {
        target = target < T(0) ? T(0) : target;
    }
    for (std::size_t i = 0; i < count; ++i) {
        table.classes.push_back(stream.below(static_cast<unsigned>(outputs)));
    }
    const bool has_classes = program.criterion.has_classes();
    table.examples = {table.inputs.data(), has_classes ? nullptr : table.targets.data(),
                      has_classes ? table.classes.data() : nullptr, count};
    return table;
}

// Parameters to start from; running means are 0 and variances 1.
template <class T>
void fill(Numbers<T>& numbers, const Program& program, unsigned seed) {
    const std::vector<T> start = Stream(seed).numbers<T>(program.parameters);
    for (std::size_t i = 0; i < program.parameters; ++i) {
        numbers.parameters.data()[i] = start[i] * T(0.3);
    }
    for (const Node& node : program.nodes) {
        if (node.statistics != kNone) {
            T* means = numbers.statistics.data() + node.statistics;
            std::fill_n(means, program.widths[node.output], T(0));
            std::fill_n(means + program.widths[node.output], program.widths[node.output], T(1));
        }
    }
}

}  // namespace pellucid::tests
