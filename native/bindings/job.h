// A training as Python hands it over: checked once, then run without Python's lock.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "program/training.h"
#include "random/mt19937.h"

namespace pellucid {

using Words = nb::ndarray<std::uint32_t, nb::shape<kGeneratorWords>, nb::c_contig, nb::device::cpu>;

// A state's arrays: parameters, memory1, memory2, memory3, generator, running statistics and their
// counters, and a plateau's counts and learning rates (nothing without one).
template <class T>
using StateArrays = std::tuple<Vector<T>, Vector<T>, Vector<T>, Vector<T>, Words, Vector<T>,
                               Vector<std::int64_t>, Vector<double>>;

// What a state counts: epoch, position, order_seed, epoch_loss, steps of the optimizer, whether
// momentum is fresh, whether an epoch was judged, the best loss, epochs judged since.
using ProgressWords = std::tuple<std::int64_t, std::int64_t, std::uint32_t, double, std::int64_t,
                                 bool, bool, double, std::int64_t>;

// Inputs, then targets or classes, and the rows' weights.
template <class T>
using ExampleArrays =
    std::tuple<InputArrays<T>, std::optional<Matrix<const T>>,
               std::optional<Vector<const std::int64_t>>, std::optional<Vector<const T>>>;

// Learning rates and, if they change, momenta: (1 or steps, groups).
using RateArrays = std::tuple<Matrix<const double>, std::optional<Matrix<const double>>>;

// Inputs, targets or classes, patience (0: none), and where each judged epoch's loss goes.
template <class T>
using WatchArrays = std::tuple<ExampleArrays<T>, std::int64_t, Vector<double>, StateArrays<T>>;

// Whether the most is best, whether the threshold is absolute; factor, patience, threshold,
// cool-down and eps; the lowest learning rate of each group.
using PlateauWords = std::tuple<bool, bool, std::array<double, 5>, std::vector<double>>;

inline ProgressWords words_of(const Progress& p) {
    return {p.epoch,    p.position, p.order_seed, p.epoch_loss, p.rule_steps,
            p.is_fresh, p.has_best, p.best_loss,  p.waiting};
}

inline Progress progress_of(const ProgressWords& words) {
    return std::apply([](auto... each) { return Progress{each...}; }, words);
}

inline Plateau plateau_of(const PlateauWords& words) {
    const auto& [seeks_most, is_absolute, numbers, lowest] = words;
    const auto& [factor, patience, threshold, cooldown, eps] = numbers;
    return {seeks_most, is_absolute, factor, patience, threshold, cooldown, eps, lowest};
}

inline const char* name_of(Ending ending) {
    switch (ending) {
        case Ending::kDone:
            return "done";
        case Ending::kNotFinite:
            return "not finite";
        case Ending::kPatience:
            return "patience";
        case Ending::kInterrupted:
            return "interrupted";
    }
    return "";
}

template <class T>
Examples<T> examples_of(const Program& program, const ExampleArrays<T>& arrays) {
    const auto& [inputs, targets, classes, weights] = arrays;
    return make_lessons<T>(program, inputs, targets, classes, weights);
}

inline void check_rates(const Program& program, const RateArrays& rates, std::size_t steps) {
    const auto& [learning_rates, momenta] = rates;
    const std::size_t count = learning_rates.shape(0);
    require(learning_rates.shape(1) == program.optimizer.groups.size() &&
                (count == 1 || count == steps),
            "a learning rate for each group, once or for each step");
    require(!momenta || (momenta->shape(0) == count &&
                         momenta->shape(1) == program.optimizer.groups.size()),
            "a momentum for each learning rate");
}

template <class T>
void check_arrays(const Program& program, const StateArrays<T>& arrays) {
    const std::size_t parameters = program.parameters;
    require(std::get<0>(arrays).size() == parameters, "all parameters");
    const auto is_whole = [&](const Vector<T>& memory, std::size_t place) {
        return memory.size() == (program.optimizer.keeps(place) ? parameters : 0);
    };
    require(is_whole(std::get<1>(arrays), 0) && is_whole(std::get<2>(arrays), 1) &&
                is_whole(std::get<3>(arrays), 2),
            "all memory");
    require(std::get<5>(arrays).size() == program.statistics, "all running statistics");
    require(std::get<6>(arrays).size() == program.counters, "all counters");
}

template <class T>
void copy_out(const Numbers<T>& numbers, StateArrays<T>& to) {
    copy_out(numbers.parameters, std::get<0>(to));
    copy_out(numbers.memory1, std::get<1>(to));
    copy_out(numbers.memory2, std::get<2>(to));
    copy_out(numbers.memory3, std::get<3>(to));
    copy_out(numbers.statistics, std::get<5>(to));
    copy_out(numbers.counters, std::get<6>(to));
}

// How a job ended: the word for it, steps done, progress; of the best epoch, if it was among them,
// the steps done by its end, and its progress.
using Result = std::tuple<const char*, std::size_t, ProgressWords,
                          std::optional<std::tuple<std::size_t, ProgressWords>>>;

// A training that waits to be run: all that Python hands over for it, checked. Its arrays are
// changed in place when it runs.
class Job {
  public:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job() = default;

    virtual void run(std::size_t threads, Interrupt& interrupt) = 0;
    virtual std::size_t useful_threads() const = 0;
    virtual Result result() const = 0;
};

// Where the gradients of a traced step go: as they are, and as the optimizer saw them.
template <class T>
struct Gradients {
    T* unclipped;
    T* seen;
};

template <class T>
class TypedJob final : public Job {
  public:
    TypedJob(const Program& program, const std::string& machine, StateArrays<T> state,
             const ProgressWords& progress, ExampleArrays<T> examples,
             std::optional<Vector<const std::int64_t>> rows, RateArrays rates,
             std::size_t batch_size, bool shuffle, std::size_t steps,
             std::optional<Vector<double>> losses, std::optional<WatchArrays<T>> watch,
             const std::optional<PlateauWords>& plateau)
        : program_(program),
          kernels_(find_machine(machine).kernels<T>()),
          state_(std::move(state)),
          progress_(progress_of(progress)),
          arrays_(std::move(examples)),
          examples_(examples_of<T>(program, arrays_)),
          rows_(std::move(rows)),
          rates_(std::move(rates)),
          losses_(std::move(losses)),
          watched_(std::move(watch)) {
        if (plateau) {
            plateau_ = plateau_of(*plateau);
        }
        check_arrays(program, state_);
        check_plateau(state_);
        check_rates(program, rates_, steps);
        require(!rows_ || lie_below(*rows_, examples_.count), "rows among the examples");
        require(!losses_ || losses_->size() == steps, "as many losses as steps");
        stretch_.steps = steps;
        stretch_.batch_size = batch_size;
        stretch_.shuffle = shuffle;
        stretch_.threads = 1;
        stretch_.learning_rates = std::get<0>(rates_).data();
        stretch_.momenta = std::get<1>(rates_) ? std::get<1>(rates_)->data() : nullptr;
        stretch_.rate_stride =
            std::get<0>(rates_).shape(0) > 1 ? program.optimizer.groups.size() : 0;
        if (plateau_) {
            stretch_.learning_rates = std::get<7>(state_).data() + Plateau::kCounts;
            stretch_.rate_stride = 0;
        }
        stretch_.rows = rows_ ? rows_->data() : nullptr;
        stretch_.row_count = rows_ ? rows_->size() : examples_.count;
        stretch_.losses = losses_ ? losses_->data() : nullptr;
        stretch_.generator = std::get<4>(state_).data();
        require(batch_size > 0 && stretch_.row_count > 0, "rows in a batch");
        require(progress_.position >= 0 &&
                    static_cast<std::size_t>(progress_.position) < stretch_.batches(),
                "a position inside the epoch");
        check_watch();
    }

    std::size_t useful_threads() const override {
        return pellucid::useful_threads(program_, stretch_);
    }

    void run(std::size_t threads, Interrupt& interrupt) override {
        run(threads, interrupt, nullptr);
    }

    // The gradients of the last step, for a trace, go to `gradients` if it is given.
    void run(std::size_t threads, Interrupt& interrupt, const Gradients<T>* gradients,
             const Witness<T>& witness = nullptr) {
        Numbers<T> numbers(program_);
        copy_in(std::get<0>(state_), numbers.parameters);
        copy_in(std::get<1>(state_), numbers.memory1);
        copy_in(std::get<2>(state_), numbers.memory2);
        copy_in(std::get<3>(state_), numbers.memory3);
        copy_in(std::get<5>(state_), numbers.statistics);
        copy_in(std::get<6>(state_), numbers.counters);
        stretch_.threads = threads;
        Work<T> work{program_, kernels_, examples_, numbers, progress_,
                     stretch_, nullptr,  nullptr,   witness};
        work.plateau = plateau_ ? &*plateau_ : nullptr;
        work.moment = std::get<7>(state_).data();
        std::optional<Best<T>> best;
        if (watched_) {
            best.emplace(program_);
            work.watch = &watch_;
            work.best = &*best;
        }
        outcome_ = train(work, interrupt);
        copy_out(numbers, state_);
        if (best && best->steps > 0) {
            keep(*best);
        }
        if (gradients != nullptr) {
            const bool clips = program_.optimizer.clips();
            const Memory<T>& own = clips ? numbers.unclipped : numbers.gradients;
            std::copy_n(own.data(), program_.parameters, gradients->unclipped);
            std::copy_n(numbers.gradients.data(), program_.parameters, gradients->seen);
        }
    }

    Result result() const override {
        Result result{name_of(outcome_.ending), outcome_.steps, words_of(progress_), std::nullopt};
        if (best_steps_ > 0) {
            std::get<3>(result) = std::make_tuple(best_steps_, words_of(best_progress_));
        }
        return result;
    }

  private:
    void check_watch() {
        if (!watched_) {
            return;
        }
        auto& [examples, patience, losses, best] = *watched_;
        const std::size_t position = static_cast<std::size_t>(progress_.position);
        require(stretch_.steps < SIZE_MAX - position, "steps that can be counted");
        require(losses.size() >= (position + stretch_.steps) / stretch_.batches(),
                "a loss for every epoch that ends");
        check_arrays(program_, best);
        check_plateau(best);
        watch_ = {examples_of<T>(program_, examples), patience, losses.data()};
    }

    void check_plateau(const StateArrays<T>& arrays) const {
        const std::size_t groups = program_.optimizer.groups.size();
        require(!plateau_ || plateau_->lowest.size() == groups, "a lowest rate for each group");
        require(std::get<7>(arrays).size() == (plateau_ ? Plateau::kCounts + groups : 0),
                "what a plateau counts");
    }

    void keep(const Best<T>& best) {
        StateArrays<T>& arrays = std::get<3>(*watched_);
        copy_out(best.numbers, arrays);
        std::copy(best.plateau.begin(), best.plateau.end(), std::get<7>(arrays).data());
        std::copy_n(best.generator, kGeneratorWords, std::get<4>(arrays).data());
        best_steps_ = best.steps;
        best_progress_ = best.progress;
    }

    const Program& program_;
    const Kernels<T>& kernels_;
    StateArrays<T> state_;
    Progress progress_;
    ExampleArrays<T> arrays_;
    Examples<T> examples_;
    std::optional<Vector<const std::int64_t>> rows_;
    RateArrays rates_;
    std::optional<Vector<double>> losses_;
    std::optional<WatchArrays<T>> watched_;
    std::optional<Plateau> plateau_;
    Watch<T> watch_{};
    Stretch stretch_{};
    Outcome outcome_{Ending::kInterrupted, 0};  // as long as it has not been run
    std::size_t best_steps_ = 0;
    Progress best_progress_{};
};

}  // namespace pellucid
