// Whole trainings: the same bits for all threads, all cuts and all machines of one arithmetic.
#include "program/training.h"

#include "program/inference.h"
#include "tests/check.h"
#include "tests/machines.h"
#include "tests/networks.h"
#include "tests/tests.h"
#include "tests/trainings.h"

namespace pellucid::tests {

namespace {

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
    Fingerprints fingerprints;
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
        check_program<float>(program, fingerprints);
        program.optimizer.groups.resize(2, rule);
        program.optimizer.segments = {{0, 21, 1}, {21, 40, 0}, {40, 80, 1}};
        check_program<double>(program, fingerprints);
    }
    fingerprints.check("rules", {{"fma", 0xf7ad1ff41816b219}, {"plain", 0x380dcf1a07dea01d}});
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
    Fingerprints fingerprints;
    for (const LossKind loss : {LossKind::kSquared, LossKind::kBinary, LossKind::kBinaryWithLogits,
                                LossKind::kCrossEntropy}) {
        for (const RuleKind rule : {RuleKind::kSgd, RuleKind::kAdam}) {
            check_program<float>(make_program({4, 5, 1}, Activation::kRelu, loss, rule),
                                 fingerprints);
            check_program<float>(make_program({33, 40, 17, 3}, Activation::kTanh, loss, rule),
                                 fingerprints);
            check_program<double>(make_program({20, 19, 2}, Activation::kSigmoid, loss, rule),
                                  fingerprints);
        }
    }
    fingerprints.check("networks", {{"fma", 0x689e9eda8ae2e86b}, {"plain", 0xfe17e725bb657d7a}});
    check_rules();
    check_evaluation();
    check_useful_threads();
}

}  // namespace pellucid::tests
