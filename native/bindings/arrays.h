// The arrays that cross the border: C-ordered, on the CPU, never converted. What is only read may
// be read-only.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "kernels/kernels.h"
#include "program/executor.h"
#include "program/memory.h"
#include "program/program.h"

namespace pellucid {

namespace nb = nanobind;

template <class T>
using Matrix = nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <class T>
using Vector = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

inline const Machine& find_machine(const std::string& name) {
    for (const Machine* machine = machines(); machine->name != nullptr; ++machine) {
        if (name == machine->name) {
            return *machine;
        }
    }
    throw std::invalid_argument("this processor has no kernels '" + name + "'");
}

// What the engine relies on without looking again, above all sizes and indices, is required here
// in the bindings, whoever calls them; people's mistakes are met in Python, with better words. The
// caller must leave the arrays alone until the call returns.
inline void require(bool holds, const char* what) {
    if (!holds) {
        throw std::invalid_argument(what);
    }
}

inline bool lie_below(const Vector<const std::int64_t>& numbers, std::size_t limit) {
    const std::int64_t* all = numbers.data();
    bool holds = true;  // no early end: this way it is done in registers
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        holds &= static_cast<std::uint64_t>(all[i]) < limit;
    }
    return holds;
}

// A batch's inputs: the arrays of numbers, then those of categories, each in the program's order.
template <class T>
using InputArrays =
    std::tuple<std::vector<Matrix<const T>>, std::vector<Matrix<const std::int64_t>>>;

// Every category must be in each table that looks it up.
inline void check_categories(const Program& program, std::size_t input,
                             const Matrix<const std::int64_t>& categories) {
    const std::size_t width = program.widths[input];
    for (const Node& node : program.nodes) {
        if (node.kind != NodeKind::kEmbedding || node.input != input) {
            continue;
        }
        const std::size_t end = node.column + program.widths[node.output] / node.table_units;
        bool holds = true;
        for (std::size_t row = 0; row < categories.shape(0); ++row) {
            for (std::size_t k = node.column; k < end; ++k) {
                const auto found = static_cast<std::uint64_t>(categories.data()[row * width + k]);
                holds &= found < node.table_rows;
            }
        }
        require(holds, "categories of the tables");
    }
}

template <class T>
Examples<T> make_inputs(const Program& program, const InputArrays<T>& inputs) {
    const auto& [numbers, categories] = inputs;
    require(numbers.size() + categories.size() == program.inputs(), "an array for every input");
    Examples<T> examples{};
    examples.count = numbers.empty() ? categories[0].shape(0) : numbers[0].shape(0);
    std::size_t next_numbers = 0;
    std::size_t next_categories = 0;
    for (std::size_t input = 0; input < program.inputs(); ++input) {
        const auto fits = [&](const auto& array) {
            require(array.shape(0) == examples.count, "as many rows in every input");
            require(array.shape(1) == program.widths[input], "inputs of another width");
        };
        const bool is_category = program.is_category[input];
        require(is_category ? next_categories < categories.size() : next_numbers < numbers.size(),
                "an array for every input");
        if (is_category) {
            fits(categories[next_categories]);
            check_categories(program, input, categories[next_categories]);
        } else {
            fits(numbers[next_numbers]);
        }
        examples.numbers.push_back(is_category ? nullptr : numbers[next_numbers++].data());
        examples.categories.push_back(is_category ? categories[next_categories++].data() : nullptr);
    }
    examples.inputs = examples.numbers[0];
    return examples;
}

template <class T>
Examples<T> make_examples(const Program& program, const InputArrays<T>& inputs,
                          const std::optional<Matrix<const T>>& targets,
                          const std::optional<Vector<const std::int64_t>>& classes) {
    Examples<T> examples = make_inputs<T>(program, inputs);
    const std::size_t count = examples.count;
    if (targets) {
        require(
            targets->shape(0) == count && targets->shape(1) == program.widths[program.prediction],
            "targets of another shape");
    }
    if (classes) {
        require(classes->shape(0) == count, "as many classes as rows");
    }
    examples.targets = targets ? targets->data() : nullptr;
    examples.classes = classes ? classes->data() : nullptr;
    return examples;
}

// Whether a class is the one that the loss leaves out; all others must have an output.
inline bool check_classes(const Program& program, const Vector<const std::int64_t>& classes) {
    const std::size_t outputs = program.widths[program.prediction];
    const std::int64_t ignored = program.criterion.ignored;
    const bool has_output = ignored >= 0 && static_cast<std::size_t>(ignored) < outputs;
    if (!has_output && lie_below(classes, outputs)) {
        return false;
    }
    bool leaves_out = false;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const std::int64_t found = classes.data()[i];
        leaves_out = leaves_out || found == ignored;
        require(found == ignored || static_cast<std::uint64_t>(found) < outputs,
                "classes with an output");
    }
    return leaves_out;
}

// Examples to judge by the program's loss.
template <class T>
Examples<T> make_lessons(const Program& program, const InputArrays<T>& inputs,
                         const std::optional<Matrix<const T>>& targets,
                         const std::optional<Vector<const std::int64_t>>& classes,
                         const std::optional<Vector<const T>>& weights) {
    const bool needs_classes = program.criterion.has_classes();
    require(classes.has_value() == needs_classes && targets.has_value() != needs_classes,
            "classes for losses of classes, targets for other losses");
    Examples<T> examples = make_examples<T>(program, inputs, targets, classes);
    examples.leaves_out = classes && check_classes(program, *classes);
    if (weights) {
        require(weights->size() == examples.count, "as many weights as rows");
        examples.weights = weights->data();
    }
    return examples;
}

template <class A, class T>
void copy_in(const A& from, Memory<T>& to) {
    if (from.size() > 0) {
        std::memcpy(to.data(), from.data(), from.size() * sizeof(T));
    }
}

template <class T, class A>
void copy_out(const Memory<T>& from, A& to) {
    if (to.size() > 0) {
        std::memcpy(to.data(), from.data(), to.size() * sizeof(T));
    }
}

}  // namespace pellucid
