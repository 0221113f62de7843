#include "program/training.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "random/mt19937.h"

namespace pellucid {

namespace {

using Words = nb::ndarray<std::uint32_t, nb::shape<kGeneratorWords>, nb::c_contig, nb::device::cpu>;

// epoch, position, order_seed, epoch_loss, steps of the optimizer, whether momentum is fresh
using ProgressWords =
    std::tuple<std::int64_t, std::int64_t, std::uint32_t, double, std::int64_t, bool>;

bool has_signal() {
    const nb::gil_scoped_acquire held;
    return PyErr_CheckSignals() != 0;
}

// What Python hands over for a stretch of steps; everything is changed in place.
template <class T>
struct Call {
    const Program& program;
    const Kernels<T>& kernels;
    Vector<T> parameters;
    Vector<T> memory1;
    Vector<T> memory2;
    Examples<T> examples;
    Stretch stretch;
    Progress progress;
};

template <class T>
Outcome run(Call<T>& call, Numbers<T>& numbers, const Witness<T>& witness) {
    const std::size_t memories = call.program.rule.memories();
    const std::size_t parameters = call.program.parameters;
    require(call.parameters.size() == parameters, "all parameters");
    require(call.memory1.size() == (memories > 0 ? parameters : 0), "all memory");
    require(call.memory2.size() == (memories > 1 ? parameters : 0), "all memory");
    require(call.stretch.batch_size > 0 && call.stretch.row_count > 0, "rows in a batch");
    require(call.progress.position >= 0 &&
                static_cast<std::size_t>(call.progress.position) < call.stretch.batches(),
            "a position inside the epoch");
    copy_in(call.parameters, numbers.parameters);
    copy_in(call.memory1, numbers.memory1);
    copy_in(call.memory2, numbers.memory2);
    Outcome outcome{};
    {
        const nb::gil_scoped_release released;
        outcome = train<T>(call.program, call.kernels, call.examples, numbers, call.progress,
                           call.stretch, witness);
    }
    if (outcome.ending == Ending::kInterrupted) {
        throw nb::python_error();
    }
    copy_out(numbers.parameters, call.parameters);
    copy_out(numbers.memory1, call.memory1);
    copy_out(numbers.memory2, call.memory2);
    return outcome;
}

ProgressWords words_of(const Progress& p) {
    return {p.epoch, p.position, p.order_seed, p.epoch_loss, p.rule_steps, p.is_fresh};
}

Progress progress_of(const ProgressWords& w) {
    return {std::get<0>(w), std::get<1>(w), std::get<2>(w),
            std::get<3>(w), std::get<4>(w), std::get<5>(w)};
}

template <class T>
Call<T> make_call(const Program& program, const std::string& machine, Vector<T> parameters,
                  Vector<T> memory1, Vector<T> memory2, const Matrix<const T>& inputs,
                  const std::optional<Matrix<const T>>& targets,
                  const std::optional<Vector<const std::int64_t>>& classes,
                  const std::optional<Vector<const std::int64_t>>& rows, Words generator,
                  double learning_rate, std::size_t batch_size, bool shuffle,
                  const ProgressWords& progress) {
    const Examples<T> examples = make_lessons<T>(program, inputs, targets, classes);
    require(!rows || lie_below(*rows, examples.count), "rows among the examples");
    Stretch stretch{};
    stretch.steps = 1;
    stretch.batch_size = batch_size;
    stretch.shuffle = shuffle;
    stretch.threads = 1;
    stretch.learning_rate = learning_rate;
    stretch.rows = rows ? rows->data() : nullptr;
    stretch.row_count = rows ? rows->size() : examples.count;
    stretch.generator = generator.data();
    stretch.is_interrupted = has_signal;
    return {program,    find_machine(machine).kernels<T>(),
            parameters, memory1,
            memory2,    examples,
            stretch,    progress_of(progress)};
}

template <class T>
std::tuple<bool, std::size_t, ProgressWords> run_steps(
    const Program& program, const std::string& machine, Vector<T> parameters, Vector<T> memory1,
    Vector<T> memory2, const Matrix<const T>& inputs, const std::optional<Matrix<const T>>& targets,
    const std::optional<Vector<const std::int64_t>>& classes,
    const std::optional<Vector<const std::int64_t>>& rows, Words generator, double learning_rate,
    std::size_t batch_size, bool shuffle, const ProgressWords& progress, std::size_t steps,
    std::size_t threads, std::optional<Vector<double>> losses) {
    Call<T> call =
        make_call<T>(program, machine, parameters, memory1, memory2, inputs, targets, classes, rows,
                     generator, learning_rate, batch_size, shuffle, progress);
    require(!losses || losses->size() == steps, "as many losses as steps");
    call.stretch.steps = steps;
    call.stretch.losses = losses ? losses->data() : nullptr;
    call.stretch.threads = threads > 0 ? threads : useful_threads(program, call.stretch);
    Numbers<T> numbers(program);
    const Outcome outcome = run<T>(call, numbers, nullptr);
    return {outcome.ending == Ending::kDone, outcome.steps, words_of(call.progress)};
}

// Where a trace's numbers go; one array a buffer, the deltas without the inputs'.
template <class T>
struct Witnessed {
    std::vector<Matrix<T>> values;
    std::vector<Matrix<T>> deltas;
    Vector<T> row_losses;
    Vector<T> gradients;
    Vector<std::int64_t> rows;
};

template <class T>
void keep(const Program& program, const Executor<T>& executor, Witnessed<T>& to) {
    const std::size_t rows = executor.rows();
    const auto is_whole = [&](const Matrix<T>& out, std::size_t buffer) {
        return out.shape(0) == rows && out.shape(1) == program.widths[buffer];
    };
    require(to.values.size() == program.widths.size() &&
                to.deltas.size() + 1 == program.widths.size() && to.row_losses.size() == rows &&
                to.rows.size() == rows,
            "an array for every buffer and row");
    for (std::size_t buffer = 0; buffer < program.widths.size(); ++buffer) {
        require(is_whole(to.values[buffer], buffer), "values of the buffer's shape");
        executor.read_values(buffer, to.values[buffer].data());
    }
    for (std::size_t buffer = 1; buffer < program.widths.size(); ++buffer) {
        require(is_whole(to.deltas[buffer - 1], buffer), "deltas of the buffer's shape");
        executor.read_deltas(buffer, to.deltas[buffer - 1].data());
    }
    for (std::size_t i = 0; i < rows; ++i) {
        to.row_losses.data()[i] = executor.row_losses()[i];
        to.rows.data()[i] = executor.chosen()[i];
    }
}

template <class T>
std::tuple<double, ProgressWords> trace_step(
    const Program& program, const std::string& machine, Vector<T> parameters, Vector<T> memory1,
    Vector<T> memory2, const Matrix<const T>& inputs, const std::optional<Matrix<const T>>& targets,
    const std::optional<Vector<const std::int64_t>>& classes,
    const std::optional<Vector<const std::int64_t>>& rows, Words generator, double learning_rate,
    std::size_t batch_size, bool shuffle, const ProgressWords& progress,
    std::vector<Matrix<T>> values, std::vector<Matrix<T>> deltas, Vector<T> row_losses,
    Vector<T> gradients, Vector<std::int64_t> chosen) {
    Call<T> call =
        make_call<T>(program, machine, parameters, memory1, memory2, inputs, targets, classes, rows,
                     generator, learning_rate, batch_size, shuffle, progress);
    require(gradients.size() == program.parameters, "a gradient for every parameter");
    double loss = 0;
    call.stretch.losses = &loss;
    Witnessed<T> witnessed{std::move(values), std::move(deltas), row_losses, gradients, chosen};
    Numbers<T> numbers(program);
    run<T>(call, numbers, [&](const Executor<T>& executor) { keep(program, executor, witnessed); });
    copy_out(numbers.gradients, gradients);
    return {loss, words_of(call.progress)};
}

template <class T>
void bind_steps(nb::module_& module) {
    module.def("run_steps", &run_steps<T>, nb::arg("program"), nb::arg("machine"),
               nb::arg("parameters").noconvert(), nb::arg("memory1").noconvert(),
               nb::arg("memory2").noconvert(), nb::arg("inputs").noconvert(),
               nb::arg("targets").noconvert().none(), nb::arg("classes").noconvert().none(),
               nb::arg("rows").noconvert().none(), nb::arg("generator").noconvert(),
               nb::arg("learning_rate"), nb::arg("batch_size"), nb::arg("shuffle"),
               nb::arg("progress"), nb::arg("steps"), nb::arg("threads"),
               nb::arg("losses").noconvert().none());
    module.def("trace_step", &trace_step<T>, nb::arg("program"), nb::arg("machine"),
               nb::arg("parameters").noconvert(), nb::arg("memory1").noconvert(),
               nb::arg("memory2").noconvert(), nb::arg("inputs").noconvert(),
               nb::arg("targets").noconvert().none(), nb::arg("classes").noconvert().none(),
               nb::arg("rows").noconvert().none(), nb::arg("generator").noconvert(),
               nb::arg("learning_rate"), nb::arg("batch_size"), nb::arg("shuffle"),
               nb::arg("progress"), nb::arg("values").noconvert(), nb::arg("deltas").noconvert(),
               nb::arg("row_losses").noconvert(), nb::arg("gradients").noconvert(),
               nb::arg("chosen").noconvert());
}

}  // namespace

void bind_training(nb::module_& module) {
    bind_steps<float>(module);
    bind_steps<double>(module);
}

}  // namespace pellucid
