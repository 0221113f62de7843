// Whole trainings: the same bits for all threads, all cuts and all machines of one arithmetic.
#include "program/training.h"

#include <cstdio>
#include <map>
#include <string>

#include "program/inference.h"
#include "random/mt19937.h"
#include "tests/check.h"
#include "tests/machines.h"
#include "tests/networks.h"
#include "tests/tests.h"

namespace pellucid::tests {

namespace {

// Everything that a training leaves behind, as bytes.
template <class T>
std::vector<T> result_of(const Program& program, const Machine& machine, const Table<T>& table,
                         std::size_t threads, const std::vector<std::size_t>& cuts) {
    Numbers<T> numbers(program);
    fill(numbers, program.parameters, 9);
    std::uint32_t words[kGeneratorWords];
    Generator(words).seed(3);
    Progress progress{0, 0, 0, 0.0, 0, true, false, 0.0, 0};
    Interrupt never;
    std::vector<T> result;
    for (const std::size_t steps : cuts) {
        std::vector<double> losses(steps);
        const double rates[] = {0.01, 0.02};
        const Stretch stretch{
            steps,         24,   true, threads, rates, nullptr, 0, nullptr, table.examples.count,
            losses.data(), words};
        const Work<T> work{program, machine.kernels<T>(), table.examples, numbers, progress,
                           stretch};
        const Outcome outcome = train<T>(work, never);
        CHECK(outcome.ending == Ending::kDone && outcome.steps == steps);
        result.insert(result.end(), losses.begin(), losses.end());
    }
    for (const Memory<T>* memory :
         {&numbers.parameters, &numbers.memory1, &numbers.memory2, &numbers.memory3}) {
        const std::size_t count = memory->size() > 0 ? program.parameters : 0;
        result.insert(result.end(), memory->data(), memory->data() + count);
    }
    result.push_back(static_cast<T>(progress.epoch_loss));
    return result;
}

// FNV-1a over the bits of all results of one arithmetic.
std::map<std::string, std::uint64_t>& fingerprints() {
    static std::map<std::string, std::uint64_t> known;
    return known;
}

template <class T>
void add_fingerprint(const std::string& arithmetic, const std::vector<T>& result) {
    std::uint64_t& hash = fingerprints().emplace(arithmetic, 14695981039346656037ULL).first->second;
    const auto* bytes = reinterpret_cast<const unsigned char*>(result.data());
    for (std::size_t i = 0; i < result.size() * sizeof(T); ++i) {
        hash = (hash ^ bytes[i]) * 1099511628211ULL;
    }
}

// What every processor must give. A change of the arithmetic changes these numbers, and then no
// older run can be replayed: never change them lightly.
void check_fingerprints() {
    const std::map<std::string, std::uint64_t> wanted = {{"fma", 0xbf56a0557cf331f5},
                                                         {"plain", 0xf6620fc17a36a058}};
    for (const auto& [arithmetic, hash] : fingerprints()) {
        if (wanted.at(arithmetic) != hash) {
            std::printf("%s gave 0x%llx\n", arithmetic.c_str(),
                        static_cast<unsigned long long>(hash));
        }
        CHECK(wanted.at(arithmetic) == hash);
    }
}

template <class T>
void check_program(const Program& program, bool is_known = true) {
    const Table<T> table = make_table<T>(program, 100);
    std::map<std::string, std::vector<T>> by_arithmetic;
    for (const Machine& machine : all_machines()) {
        const std::vector<T> whole = result_of(program, machine, table, 1, {13});
        CHECK(same_bits(result_of(program, machine, table, 2, {13}), whole));
        CHECK(same_bits(result_of(program, machine, table, 3, {1, 4, 5, 3}), whole));
        const auto known = by_arithmetic.emplace(machine.arithmetic, whole);
        CHECK(same_bits(known.first->second, whole));
    }
    for (const auto& [arithmetic, result] : by_arithmetic) {
        if (is_known) {
            add_fingerprint(arithmetic, result);
        }
    }
}

// A row's numbers, and the loss of all rows, for any number of threads.
void check_evaluation() {
    const Program program =
        make_program({5, 30, 3}, Activation::kTanh, LossKind::kCrossEntropy, RuleKind::kSgd);
    const Table<double> table = make_table<double>(program, 1500);
    Stream stream(9);
    const std::vector<double> parameters = stream.numbers<double>(program.parameters);
    Interrupt never;
    for (const Machine& machine : all_machines()) {
        const Kernels<double>& kernels = machine.kernels<double>();
        std::vector<double> losses(1500), values(1500 * 3), alone(3), again(1500), there(1500 * 3);
        double loss = 0, other = 0;
        CHECK(evaluate<double>(program, kernels, {parameters.data(), nullptr}, table.examples,
                               losses.data(), loss, 1, never));
        CHECK(evaluate<double>(program, kernels, {parameters.data(), nullptr}, table.examples,
                               again.data(), other, 3, never));
        CHECK(same_bits(losses, again) && loss == other && loss > 0);
        CHECK(forward<double>(program, kernels, {parameters.data(), nullptr}, table.examples,
                              {program.prediction}, {values.data()}, 1, never));
        CHECK(forward<double>(program, kernels, {parameters.data(), nullptr}, table.examples,
                              {program.prediction}, {there.data()}, 3, never));
        CHECK(same_bits(values, there));
        Examples<double> last = table.examples;
        last.inputs += 1499 * 5;
        last.count = 1;
        CHECK(forward<double>(program, kernels, {parameters.data(), nullptr}, last,
                              {program.prediction}, {alone.data()}, 1, never));
        CHECK(std::memcmp(alone.data(), values.data() + 1499 * 3, 3 * sizeof(double)) == 0);
    }
}

// Newer losses and rules, groups and clipping: under the sanitizers, and the same bits for all.
void check_rules() {
    const LossKind losses[] = {LossKind::kAbsolute,      LossKind::kHuber,
                               LossKind::kPoissonOfLog,  LossKind::kQuantile,
                               LossKind::kLogLikelihood, LossKind::kCrossEntropy};
    const RuleKind rules[] = {RuleKind::kAdam, RuleKind::kRmsprop, RuleKind::kAdagrad};
    for (std::size_t i = 0; i < 6; ++i) {
        Program program = make_program({5, 7, 3}, Activation::kTanh, losses[i], rules[i % 3]);
        program.criterion.setting = 0.25;
        program.criterion.weights = {0.5, 0.25, 0.75};
        Rule& rule = program.optimizer.groups[0];
        rule.amsgrad = rule.centered = rule.is_decoupled = true;
        rule.weight_decay = 0.01;
        program.optimizer.clip_norm = 0.5;
        program.optimizer.clip_value = 0.1;
        check_program<float>(program, false);
        program.optimizer.groups.resize(2, rule);
        program.optimizer.segments = {{0, 21, 1}, {21, 40, 0}, {40, 80, 1}};
        check_program<double>(program, false);
    }
}

void check_useful_threads() {
    const Program program =
        make_program({4, 5, 1}, Activation::kRelu, LossKind::kSquared, RuleKind::kAdam);
    Stretch stretch{};
    stretch.batch_size = 1000000000;
    stretch.row_count = 40;  // what a batch really has
    CHECK(useful_threads(program, stretch) == 1);
    CHECK(stretch.batches() == 1);
}

}  // namespace

void test_training() {
    for (const LossKind loss : {LossKind::kSquared, LossKind::kBinary, LossKind::kBinaryWithLogits,
                                LossKind::kCrossEntropy}) {
        for (const RuleKind rule : {RuleKind::kSgd, RuleKind::kAdam}) {
            check_program<float>(make_program({4, 5, 1}, Activation::kRelu, loss, rule));
            check_program<float>(make_program({33, 40, 17, 3}, Activation::kTanh, loss, rule));
            check_program<double>(make_program({20, 19, 2}, Activation::kSigmoid, loss, rule));
        }
    }
    check_fingerprints();
    check_rules();
    check_evaluation();
    check_useful_threads();
}

}  // namespace pellucid::tests
