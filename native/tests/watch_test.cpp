// What happens at the ends of epochs, and many trainings side by side: the same bits for all
// threads, all cuts into stretches, and all companies.
#include <atomic>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <string>
#include <thread>

#include "program/training.h"
#include "tests/check.h"
#include "tests/machines.h"
#include "tests/networks.h"
#include "tests/tests.h"
#include "threads/crew.h"

namespace pellucid::tests {

namespace {

// A watched training; `result` is everything that it leaves behind.
struct Watched {
    std::vector<float> result;
    std::vector<double> losses;
    Progress progress{0, 0, 0, 0.0, 0, true, false, 0.0, 0};
    std::size_t steps = 0;
};

Watched train_watched(const Program& program, const Table<float>& table, std::size_t seed,
                      std::size_t threads, const std::vector<std::size_t>& cuts,
                      std::int64_t patience) {
    Watched done;
    Numbers<float> numbers(program);
    fill(numbers, program, static_cast<unsigned>(seed));
    std::uint32_t words[kGeneratorWords];
    Generator(words).seed(static_cast<std::uint32_t>(seed));
    Best<float> best(program);
    Examples<float> watched = table.examples;
    watched.count = 37;
    Interrupt never;
    for (const std::size_t steps : cuts) {
        std::vector<double> losses(steps, -1.0);
        const Watch<float> watch{watched, patience, losses.data()};
        const double rate = 0.05;
        const Stretch stretch{
            steps,   24,   true, threads, &rate, nullptr, 0, nullptr, table.examples.count,
            nullptr, words};
        const Work<float> work{program,        machines()->kernels<float>(),
                               table.examples, numbers,
                               done.progress,  stretch,
                               &watch,         &best};
        const std::int64_t before = done.progress.epoch;
        done.steps += train<float>(work, never).steps;
        const auto epochs = static_cast<std::size_t>(done.progress.epoch - before);
        done.losses.insert(done.losses.end(), losses.begin(),
                           losses.begin() + static_cast<std::ptrdiff_t>(epochs));
    }
    for (const Numbers<float>* each : {&numbers, &best.numbers}) {
        const float* first = each->parameters.data();
        done.result.insert(done.result.end(), first, first + program.parameters);
    }
    done.result.push_back(static_cast<float>(done.progress.best_loss));
    done.result.push_back(static_cast<float>(done.progress.waiting));
    return done;
}

void check_watch() {
    const Program program =
        make_program({6, 20, 3}, Activation::kTanh, LossKind::kSquared, RuleKind::kAdam);
    const Table<float> table = make_table<float>(program, 100);
    const Watched whole = train_watched(program, table, 3, 1, {63}, 0);
    CHECK(whole.losses.size() == 12);
    double lowest = HUGE_VAL;
    for (const double loss : whole.losses) {
        lowest = std::fmin(lowest, loss);
    }
    CHECK(whole.progress.best_loss == lowest);
    for (const Watched& other : {train_watched(program, table, 3, 3, {63}, 0),
                                 train_watched(program, table, 3, 2, {1, 4, 5, 43, 10}, 0)}) {
        CHECK(same_bits(whole.result, other.result) && same_bits(whole.losses, other.losses));
    }
}

void check_patience() {
    const Program program =
        make_program({6, 20, 3}, Activation::kTanh, LossKind::kSquared, RuleKind::kAdam);
    const Table<float> table = make_table<float>(program, 100);
    const Watched whole = train_watched(program, table, 3, 1, {5000}, 2);
    CHECK(whole.steps < 5000 && whole.steps % 5 == 0 && whole.progress.waiting == 2);
    const Watched cut = train_watched(program, table, 3, 2, {7, 5000, 4}, 2);
    CHECK(same_bits(whole.result, cut.result) && cut.steps == whole.steps);
}

// Networks that share data, and none of anything else.
void check_company() {
    const Program program =
        make_program({6, 20, 3}, Activation::kRelu, LossKind::kSquared, RuleKind::kAdam);
    const Table<float> table = make_table<float>(program, 100);
    constexpr std::size_t kCount = 12;
    std::vector<Watched> together(kCount);
    Interrupt never;
    run_crew(3, kCount, never, [&](std::size_t i) {
        together[i] = train_watched(program, table, i, i % 2 + 1, {60}, 0);
    });
    for (std::size_t i = 0; i < kCount; ++i) {
        const Watched alone = train_watched(program, table, i, 1, {60}, 0);
        CHECK(same_bits(alone.result, together[i].result));
        CHECK(i == 0 || !same_bits(alone.result, together[0].result));
    }
}

void check_interrupted_crew() {
    std::atomic<int> asked{0};
    Interrupt interrupt([&asked] { return ++asked > 2; });
    std::atomic<std::size_t> done{0};
    run_crew(3, 100000, interrupt, [&](std::size_t) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ++done;
    });
    CHECK(asked == 3);
    CHECK(done > 0 && done < 100000);
    CHECK(interrupt.has_come());
}

void check_failing_crew() {
    std::atomic<std::size_t> begun{0};
    Interrupt never;
    std::string told;
    try {
        run_crew(3, 100000, never, [&](std::size_t i) {
            ++begun;
            if (i == 5) {
                throw std::runtime_error("piece 5");
            }
        });
    } catch (const std::runtime_error& error) {
        told = error.what();
    }
    CHECK(told == "piece 5" && begun >= 6);
    run_crew(3, 0, never, [&](std::size_t) { told = "nothing to do"; });
    CHECK(told == "piece 5");
}

}  // namespace

void test_watching() {
    check_watch();
    check_patience();
    check_company();
    check_interrupted_crew();
    check_failing_crew();
}

}  // namespace pellucid::tests
