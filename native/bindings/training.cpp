#include "program/training.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>

#include "bindings/bindings.h"
#include "bindings/job.h"
#include "bindings/signals.h"
#include "threads/crew.h"
#include "threads/team.h"

namespace pellucid {

namespace {

template <class T>
std::unique_ptr<Job> make_job(const Program& program, const std::string& machine,
                              StateArrays<T> state, const ProgressWords& progress,
                              ExampleArrays<T> examples,
                              std::optional<Vector<const std::int64_t>> rows, RateArrays rates,
                              std::size_t batch_size, bool shuffle, std::size_t steps,
                              std::optional<Vector<double>> losses,
                              std::optional<WatchArrays<T>> watch,
                              const std::optional<PlateauWords>& plateau) {
    return std::make_unique<TypedJob<T>>(
        program, machine, std::move(state), progress, std::move(examples), std::move(rows),
        std::move(rates), batch_size, shuffle, steps, std::move(losses), std::move(watch), plateau);
}

// Runs all jobs, side by side if there are several; `threads` 0 leaves it to the engine. Gives what
// a signal's handler or the stop flag raised, if they did: the jobs stand between two steps then.
nb::object run_jobs(const std::vector<Job*>& jobs, std::size_t threads, nb::object stop) {
    Signals signals(std::move(stop));
    {
        const nb::gil_scoped_release released;
        const std::size_t given = threads > 0 ? threads : processors();
        const std::size_t each =
            std::max<std::size_t>(1, given / std::max<std::size_t>(1, jobs.size()));
        const bool is_free = threads == 0 || jobs.size() > 1;
        run_crew(given, jobs.size(), signals.interrupt(), [&](std::size_t i) {
            const std::size_t most = is_free ? std::min(each, jobs[i]->useful_threads()) : each;
            jobs[i]->run(most, signals.interrupt());
        });
    }
    return signals.error();
}

template <class T>
void bind_jobs(nb::module_& module) {
    module.def("make_job", &make_job<T>, nb::keep_alive<0, 1>(), nb::arg("program"),
               nb::arg("machine"), nb::arg("state").noconvert(), nb::arg("progress"),
               nb::arg("examples").noconvert(), nb::arg("rows").noconvert().none(),
               nb::arg("rates").noconvert(), nb::arg("batch_size"), nb::arg("shuffle"),
               nb::arg("steps"), nb::arg("losses").noconvert().none(),
               nb::arg("watch").noconvert().none(), nb::arg("plateau").none());
}

}  // namespace

void bind_training(nb::module_& module) {
    nb::class_<Job>(module, "Job").def("result", &Job::result);
    bind_jobs<float>(module);
    bind_jobs<double>(module);
    module.def("run_jobs", &run_jobs, nb::arg("jobs"), nb::arg("threads"), nb::arg("stop").none());
}

}  // namespace pellucid
