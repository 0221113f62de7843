#include <nanobind/nanobind.h>
#include <nanobind/stl/vector.h>

#include <tuple>
#include <vector>

#include "bindings/bindings.h"
#include "bindings/job.h"

namespace pellucid {

namespace {

// Where a trace's numbers go; one array a buffer, the deltas without the inputs'.
template <class T>
struct Witnessed {
    std::vector<Matrix<T>> values;
    std::vector<Matrix<T>> deltas;
    Vector<T> row_losses;
    Vector<std::int64_t> rows;
};

template <class T>
void keep(const Program& program, const Executor<T>& executor, Witnessed<T>& to) {
    const std::size_t rows = executor.rows();
    const auto is_whole = [&](const Matrix<T>& out, std::size_t buffer) {
        return out.shape(0) == rows && out.shape(1) == program.widths[buffer];
    };
    require(to.values.size() == program.widths.size() &&
                to.deltas.size() + program.inputs() == program.widths.size() &&
                to.row_losses.size() == rows && to.rows.size() == rows,
            "an array for every buffer and row");
    for (std::size_t buffer = 0; buffer < program.widths.size(); ++buffer) {
        require(is_whole(to.values[buffer], buffer), "values of the buffer's shape");
        executor.read_values(buffer, to.values[buffer].data());
    }
    for (std::size_t buffer = program.inputs(); buffer < program.widths.size(); ++buffer) {
        Matrix<T>& deltas = to.deltas[buffer - program.inputs()];
        require(is_whole(deltas, buffer), "deltas of the buffer's shape");
        executor.read_deltas(buffer, deltas.data());
    }
    for (std::size_t i = 0; i < rows; ++i) {
        to.row_losses.data()[i] = executor.row_losses()[i];
        to.rows.data()[i] = static_cast<std::int64_t>(executor.chosen()[i]);
    }
}

template <class T>
std::tuple<double, ProgressWords> trace_step(const Program& program, const std::string& machine,
                                             StateArrays<T> state, const ProgressWords& progress,
                                             ExampleArrays<T> examples,
                                             std::optional<Vector<const std::int64_t>> rows,
                                             RateArrays rates, std::size_t batch_size, bool shuffle,
                                             Vector<double> losses, std::vector<Matrix<T>> values,
                                             std::vector<Matrix<T>> deltas, Vector<T> row_losses,
                                             Vector<T> gradients, Vector<T> clipped,
                                             Vector<std::int64_t> chosen) {
    require(losses.size() == 1, "room for one loss");
    require(gradients.size() == program.parameters && clipped.size() == program.parameters,
            "a gradient for every parameter");
    const Gradients<T> both{gradients.data(), clipped.data()};
    Witnessed<T> witnessed{std::move(values), std::move(deltas), row_losses, chosen};
    TypedJob<T> job(program, machine, std::move(state), progress, std::move(examples),
                    std::move(rows), std::move(rates), batch_size, shuffle, 1, losses, std::nullopt,
                    std::nullopt);
    Interrupt never;
    job.run(1, never, &both,
            [&](const Executor<T>& executor) { keep(program, executor, witnessed); });
    return {losses.data()[0], std::get<2>(job.result())};
}

template <class T>
void bind_step(nb::module_& module) {
    module.def("trace_step", &trace_step<T>, nb::arg("program"), nb::arg("machine"),
               nb::arg("state").noconvert(), nb::arg("progress"), nb::arg("examples").noconvert(),
               nb::arg("rows").noconvert().none(), nb::arg("rates").noconvert(),
               nb::arg("batch_size"), nb::arg("shuffle"), nb::arg("losses").noconvert(),
               nb::arg("values").noconvert(), nb::arg("deltas").noconvert(),
               nb::arg("row_losses").noconvert(), nb::arg("gradients").noconvert(),
               nb::arg("clipped").noconvert(), nb::arg("chosen").noconvert());
}

}  // namespace

void bind_trace(nb::module_& module) {
    bind_step<float>(module);
    bind_step<double>(module);
}

}  // namespace pellucid
