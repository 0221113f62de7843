// The arrays that cross the border: C-ordered, on the CPU, never converted. What is only read may
// be read-only.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>

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

template <class T>
Examples<T> make_examples(const Program& program, const Matrix<const T>& inputs,
                          const std::optional<Matrix<const T>>& targets,
                          const std::optional<Vector<const std::int64_t>>& classes) {
    const std::size_t count = inputs.shape(0);
    require(inputs.shape(1) == program.widths[0], "inputs of another width");
    if (targets) {
        require(
            targets->shape(0) == count && targets->shape(1) == program.widths[program.prediction],
            "targets of another shape");
    }
    if (classes) {
        require(classes->shape(0) == count, "as many classes as rows");
    }
    return {inputs.data(), targets ? targets->data() : nullptr, classes ? classes->data() : nullptr,
            count};
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
Examples<T> make_lessons(const Program& program, const Matrix<const T>& inputs,
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
