#include "program/inference.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "bindings/signals.h"

namespace pellucid {

namespace {

template <class T>
void forward_rows(const Program& program, const std::string& machine, Vector<const T> parameters,
                  Vector<const T> statistics, const InputArrays<T>& inputs,
                  const std::vector<std::size_t>& buffers, std::vector<Matrix<T>> outs,
                  std::size_t threads) {
    const Examples<T> examples = make_examples<T>(program, inputs, std::nullopt, std::nullopt);
    require(parameters.size() == program.parameters, "all parameters");
    require(statistics.size() == program.statistics, "all running statistics");
    const Weights<T> weights{parameters.data(), statistics.data()};
    require(buffers.size() == outs.size(), "an array for every buffer");
    std::vector<T*> pointers;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        require(buffers[i] < program.widths.size() && outs[i].shape(0) == examples.count &&
                    outs[i].shape(1) == program.widths[buffers[i]],
                "values of the buffer's shape");
        pointers.push_back(outs[i].data());
    }
    const Kernels<T>& kernels = find_machine(machine).kernels<T>();
    Signals signals;
    {
        const nb::gil_scoped_release released;
        forward<T>(program, kernels, weights, examples, buffers, pointers, threads,
                   signals.interrupt());
    }
    signals.raise();
}

template <class T>
double evaluate_rows(const Program& program, const std::string& machine, Vector<const T> parameters,
                     Vector<const T> statistics, const InputArrays<T>& inputs,
                     const std::optional<Matrix<const T>>& targets,
                     const std::optional<Vector<const std::int64_t>>& classes,
                     const std::optional<Vector<const T>>& row_weights, Vector<T> row_losses,
                     std::size_t threads) {
    const Examples<T> examples = make_lessons<T>(program, inputs, targets, classes, row_weights);
    require(parameters.size() == program.parameters, "all parameters");
    require(statistics.size() == program.statistics, "all running statistics");
    const Weights<T> weights{parameters.data(), statistics.data()};
    require(row_losses.size() == examples.count, "as many losses as rows");
    const Kernels<T>& kernels = find_machine(machine).kernels<T>();
    Signals signals;
    T loss = 0;
    {
        const nb::gil_scoped_release released;
        evaluate<T>(program, kernels, weights, examples, row_losses.data(), loss, threads,
                    signals.interrupt());
    }
    signals.raise();
    return static_cast<double>(loss);
}

template <class T>
void bind_rows(nb::module_& module) {
    module.def("forward_rows", &forward_rows<T>, nb::arg("program"), nb::arg("machine"),
               nb::arg("parameters").noconvert(), nb::arg("statistics").noconvert(),
               nb::arg("inputs").noconvert(), nb::arg("buffers"), nb::arg("outs").noconvert(),
               nb::arg("threads"));
    module.def("evaluate_rows", &evaluate_rows<T>, nb::arg("program"), nb::arg("machine"),
               nb::arg("parameters").noconvert(), nb::arg("statistics").noconvert(),
               nb::arg("inputs").noconvert(), nb::arg("targets").noconvert().none(),
               nb::arg("classes").noconvert().none(), nb::arg("row_weights").noconvert().none(),
               nb::arg("row_losses").noconvert(), nb::arg("threads"));
}

}  // namespace

void bind_inference(nb::module_& module) {
    bind_rows<float>(module);
    bind_rows<double>(module);
}

}  // namespace pellucid
