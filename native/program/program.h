// What a step computes, as plain data: nodes over numbered buffers. The first buffers hold inputs.
// The numbers themselves live in `Numbers`, owned by the caller.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"

namespace pellucid {

enum class NodeKind {
    kLinear,
    kActivation,
    kSoftmax,
    kLogSoftmax,
    kAdd,
    kConcat,
    kEmbedding,
    kDropout,
    kLayerNorm,
    kBatchNorm
};

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct Node {
    NodeKind kind;
    Activation activation;  // of an activation node
    std::size_t input;      // buffers
    std::size_t output;
    std::size_t weight;  // where the parameters start in the flat array; kNone without
    std::size_t bias;
    std::size_t other = kNone;       // the second buffer that an addition reads
    double first = 0, second = 0;    // settings of an activation (see ActivationTask)
    double p = 0;                    // dropout's chance
    double eps = 0;                  // of a normalization
    double momentum = -1;            // of running statistics; below 0: the mean over all batches
    std::size_t statistics = kNone;  // where running means and then running variances start
    std::size_t counter = kNone;     // which counter holds the batches that they have seen
    bool is_fixed = false;           // dropout and batch normalization as in evaluation, always
    bool learns_weight = true;       // the optimizer changes it, if there is one
    bool learns_bias = true;
    std::size_t column = 0;               // the first column of categories that an embedding reads
    std::size_t table_rows = 0;           // its categories
    std::size_t table_units = 1;          // numbers of each
    std::int64_t padding = -1;            // its category that is not learned; -1: none
    std::vector<std::size_t> parts = {};  // buffers that a concatenation reads, `input` among them
};

enum class RuleKind { kSgd, kAdam, kRmsprop, kAdagrad };

constexpr std::size_t kMemories = 3;

// The settings of one group of parameters, under PyTorch's names.
struct Rule {
    double momentum = 0, dampening = 0, weight_decay = 0;
    double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
    double alpha = 0.99, lr_decay = 0;
    bool nesterov = false, maximize = false, amsgrad = false, centered = false;
    bool is_decoupled = false;  // weight decay beside the gradient, as AdamW has it
};

// Whether the optimizer wants gradients from a node.
inline bool learns(const Node& node) {
    return (node.weight != kNone && node.learns_weight) || (node.bias != kNone && node.learns_bias);
}

// The numbers first … end - 1 of the flat parameters; they have a group's settings.
struct Segment {
    std::size_t first;
    std::size_t end;
    std::size_t group;
};

// How gradients change parameters.
struct Optimizer {
    RuleKind kind = RuleKind::kSgd;
    std::vector<Rule> groups{1};
    std::vector<Segment>
        segments;          // ascending; what lies between is not learned; none: one for all
    double clip_norm = 0;  // 0: gradients are not shortened
    double clip_value = 0;

    // Whether the parameter that starts there is changed.
    bool learns(std::size_t start) const {
        return segments.empty() ||
               std::any_of(segments.begin(), segments.end(),
                           [&](const auto& s) { return s.first <= start && start < s.end; });
    }
    bool clips() const { return clip_norm > 0 || clip_value > 0; }
    // Whether a group's rule keeps something of this place for each parameter.
    bool keeps(const Rule& rule, std::size_t place) const;
    bool keeps(std::size_t place) const {
        return std::any_of(groups.begin(), groups.end(),
                           [&](const Rule& rule) { return keeps(rule, place); });
    }
};

inline bool Optimizer::keeps(const Rule& rule, std::size_t place) const {
    switch (kind) {
        case RuleKind::kSgd:
            return place == 0 && rule.momentum != 0;
        case RuleKind::kAdam:
            return place < 2 || rule.amsgrad;
        case RuleKind::kRmsprop:
            return place == 0 || (place == 1 ? rule.momentum > 0 : rule.centered);
        case RuleKind::kAdagrad:
            return place == 0;
    }
    return false;
}

// What is made small.
struct Criterion {
    LossKind kind = LossKind::kSquared;
    bool is_mean = true;
    double setting = 0;           // delta, beta, eps or label_smoothing
    bool is_full = false;         // Poisson with Stirling's term
    std::int64_t ignored = -100;  // rows of this class are left out
    std::vector<double> weights;  // one an output: of classes, of a yes, or quantiles; may be empty
    std::vector<double> element_weights =
        {};  // one an output: its loss is multiplied by it; or none

    // Whether a row has one loss, not one for each output.
    bool judges_rows() const { return has_classes() || kind == LossKind::kSoftCrossEntropy; }
    bool has_classes() const {
        return kind == LossKind::kCrossEntropy || kind == LossKind::kLogLikelihood;
    }
};

struct Program {
    std::vector<std::size_t> widths;       // units of each buffer
    std::vector<bool> is_category{false};  // of each input: whether it holds numbers of categories
    std::vector<Node> nodes;               // a buffer is written before it is read
    std::size_t prediction = 0;            // the buffer that the loss judges
    Criterion criterion;
    Optimizer optimizer;
    std::size_t parameters = 0;  // numbers in all
    std::size_t statistics = 0;  // running means and variances in all
    std::size_t counters = 0;    // of batches

    std::size_t inputs() const { return is_category.size(); }
    // Numbers only, in one array, as most programs have it.
    bool has_plain_input() const { return inputs() == 1 && !is_category[0]; }
};

// Every buffer that a node reads, as often as it reads it.
template <class Visit>
void for_each_input(const Node& node, Visit visit) {
    if (node.kind == NodeKind::kConcat) {
        for (const std::size_t part : node.parts) {
            visit(part);
        }
        return;
    }
    visit(node.input);
    if (node.other != kNone) {
        visit(node.other);
    }
}

// Whether the way back through a node reads what went in, or what came out.
inline bool needs_input(const Node& node) {
    switch (node.kind) {
        case NodeKind::kLinear:
        case NodeKind::kLayerNorm:
        case NodeKind::kBatchNorm:
            return true;
        case NodeKind::kActivation:
            return node.activation >= Activation::kLeakyRelu;
        default:
            return false;
    }
}
inline bool needs_output(const Node& node) {
    switch (node.kind) {
        case NodeKind::kSoftmax:
        case NodeKind::kLogSoftmax:
            return true;
        case NodeKind::kActivation:
            return node.activation < Activation::kLeakyRelu;
        default:
            return false;
    }
}

// Layers up to this size sum their weights' gradients in 16 parts.
constexpr std::size_t kSmallLayer = 256;

inline bool is_large(const Program& program, const Node& node) {
    return program.widths[node.input] * program.widths[node.output] > kSmallLayer;
}

// Multiply-adds of a training step for one row: three products a layer.
inline double work_of_row(const Program& program) {
    double work = 0;
    for (const Node& node : program.nodes) {
        const double units = static_cast<double>(program.widths[node.output]);
        const bool is_linear = node.kind == NodeKind::kLinear;
        work += is_linear ? 3 * units * static_cast<double>(program.widths[node.input]) : units;
    }
    return work;
}

}  // namespace pellucid
