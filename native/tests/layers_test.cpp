// Trainings through every kind of layer: the same bits for all threads, all cuts and all machines
// of one arithmetic.
#include <cstddef>

#include "program/program.h"
#include "tests/networks.h"
#include "tests/tests.h"
#include "tests/trainings.h"

namespace pellucid::tests {

namespace {

// A program that grows node by node; each reads what the one before it has written.
class Chain {
  public:
    explicit Chain(std::size_t inputs, LossKind loss) {
        program_.widths = {inputs};
        program_.criterion.kind = loss;
        program_.optimizer.kind = RuleKind::kAdam;
    }

    Chain& linear(std::size_t units) {
        return add(with_parameters(NodeKind::kLinear, units * width(), units), units);
    }
    Chain& activation(Activation kind, double first = 0, double second = 1) {
        Node node = simple(NodeKind::kActivation);
        node.activation = kind;
        node.first = first;
        node.second = second;
        return add(node, width());
    }
    Chain& node(NodeKind kind) { return add(simple(kind), width()); }
    Chain& dropout(double p) {
        Node node = simple(NodeKind::kDropout);
        node.p = p;
        return add(node, width());
    }
    Chain& layer_norm() {
        Node node = with_parameters(NodeKind::kLayerNorm, width(), width());
        node.eps = 1e-5;
        return add(node, width());
    }
    // Momentum below 0 takes the mean over all batches.
    Chain& batch_norm(double momentum) {
        Node node = with_parameters(NodeKind::kBatchNorm, width(), width());
        node.eps = 1e-5;
        node.momentum = momentum;
        node.statistics = program_.statistics;
        node.counter = program_.counters++;
        program_.statistics += 2 * width();
        return add(node, width());
    }
    // What an earlier buffer holds, plus what the last one holds.
    Chain& sum_with(std::size_t buffer) {
        Node node = simple(NodeKind::kAdd);
        node.other = node.input;
        node.input = buffer;
        return add(node, width());
    }

    // Earlier buffers and the last one beside each other.
    Chain& joined_with(std::vector<std::size_t> buffers) {
        Node node = simple(NodeKind::kConcat);
        buffers.push_back(last());
        std::size_t units = 0;
        for (const std::size_t buffer : buffers) {
            units += program_.widths[buffer];
        }
        node.input = buffers[0];
        node.parts = std::move(buffers);
        return add(node, units);
    }

    std::size_t last() const { return program_.widths.size() - 1; }
    const Program& program() const { return program_; }

  private:
    std::size_t width() const { return program_.widths.back(); }

    Node simple(NodeKind kind) const {
        return {kind, Activation::kIdentity, last(), last() + 1, kNone, kNone};
    }
    Node with_parameters(NodeKind kind, std::size_t weights, std::size_t biases) {
        Node node = simple(kind);
        node.weight = program_.parameters;
        node.bias = node.weight + weights;
        program_.parameters += weights + biases;
        return node;
    }
    Chain& add(const Node& node, std::size_t units) {
        program_.nodes.push_back(node);
        program_.widths.push_back(units);
        program_.prediction = last();
        return *this;
    }

    Program program_;
};

void check_both(const Chain& chain, Fingerprints& fingerprints) {
    check_program<float>(chain.program(), fingerprints);
    check_program<double>(chain.program(), fingerprints);
}

void check_activations() {
    Fingerprints fingerprints;
    for (const Activation kind :
         {Activation::kLeakyRelu, Activation::kElu, Activation::kGelu, Activation::kGeluTanh,
          Activation::kSilu, Activation::kMish, Activation::kSoftplus}) {
        const double second = kind == Activation::kSoftplus ? 2 : 1.25;  // a threshold, or a scale
        check_both(Chain(5, LossKind::kSquared)
                       .linear(19)
                       .activation(kind, 0.75, second)
                       .linear(7)
                       .activation(kind, 0.75, second)
                       .linear(2),
                   fingerprints);
    }
    fingerprints.check("activations", {{"fma", 0x94c3f247a667ee74}, {"plain", 0xd7b325d184d8883e}});
}

void check_dropout() {
    Fingerprints fingerprints;
    for (const double p : {0.0, 0.1, 0.5, 1.0}) {
        check_both(Chain(6, LossKind::kSquared)
                       .dropout(p)
                       .linear(37)
                       .activation(Activation::kRelu)
                       .dropout(p)
                       .linear(2),
                   fingerprints);
    }
    fingerprints.check("dropout", {{"fma", 0x7cc7b890d82f6e45}, {"plain", 0xb654878ead058a5d}});
}

void check_normalizations() {
    Fingerprints fingerprints;
    for (const double momentum : {0.1, -1.0}) {
        check_both(Chain(4, LossKind::kSquared)
                       .batch_norm(momentum)
                       .linear(21)
                       .batch_norm(momentum)
                       .activation(Activation::kTanh)
                       .linear(1),
                   fingerprints);
    }
    check_both(Chain(18, LossKind::kSquared)
                   .layer_norm()
                   .linear(21)
                   .layer_norm()
                   .activation(Activation::kGelu)
                   .linear(1),
               fingerprints);
    fingerprints.check("normalizations",
                       {{"fma", 0xd45e29cb7e278e9f}, {"plain", 0x6fa7fc0d4de066cc}});
}

// Buffers with several readers, one residual within another, and the two kinds of softmax at the
// end.
void check_graphs() {
    Fingerprints fingerprints;
    for (const NodeKind end : {NodeKind::kSoftmax, NodeKind::kLogSoftmax}) {
        const bool is_log = end == NodeKind::kLogSoftmax;
        Chain chain(5, is_log ? LossKind::kLogLikelihood : LossKind::kSquared);
        chain.linear(17).activation(Activation::kSilu);
        const std::size_t outer = chain.last();
        chain.layer_norm().linear(17).dropout(0.25);
        const std::size_t inner = chain.last();
        chain.linear(17).activation(Activation::kMish).sum_with(inner).sum_with(outer);
        chain.batch_norm(0.1).linear(4).node(end);
        check_both(chain, fingerprints);
    }
    fingerprints.check("graphs", {{"fma", 0x79e327c74ce48afa}, {"plain", 0xa6852edaa565d4a0}});
}

// One buffer twice, the inputs, which want no deltas, and one that others read as well.
void check_joins() {
    Fingerprints fingerprints;
    Chain chain(5, LossKind::kSquared);
    chain.linear(17).activation(Activation::kSilu);
    const std::size_t wide = chain.last();
    chain.linear(3).joined_with({wide, 0, wide}).linear(17).sum_with(wide).linear(4);
    check_both(chain, fingerprints);
    fingerprints.check("joins", {{"fma", 0x91f7a9f505150a80}, {"plain", 0x7ce69a5e010902a9}});
}

}  // namespace

void test_layers() {
    check_activations();
    check_dropout();
    check_normalizations();
    check_graphs();
    check_joins();
}

}  // namespace pellucid::tests
