#include "bindings/nodes.h"

#include <algorithm>

#include "bindings/arrays.h"

namespace pellucid {

namespace {

// Klambauer et al. (2017), "Self-normalizing neural networks", equation 14.
constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
constexpr double kSeluScale = 1.0507009873554804934193349852946;

struct Kind {
    NodeKind node;
    Activation activation;
};

const std::map<std::string, Kind>& kinds() {
    static const auto bend = [](Activation kind) { return Kind{NodeKind::kActivation, kind}; };
    static const auto other = [](NodeKind kind) { return Kind{kind, Activation::kIdentity}; };
    static const std::map<std::string, Kind> known = {
        {"linear", other(NodeKind::kLinear)},
        {"softmax", other(NodeKind::kSoftmax)},
        {"log_softmax", other(NodeKind::kLogSoftmax)},
        {"add", other(NodeKind::kAdd)},
        {"cat", other(NodeKind::kConcat)},
        {"embedding", other(NodeKind::kEmbedding)},
        {"dropout", other(NodeKind::kDropout)},
        {"layer_norm", other(NodeKind::kLayerNorm)},
        {"batch_norm", other(NodeKind::kBatchNorm)},
        {"identity", bend(Activation::kIdentity)},
        {"flatten", bend(Activation::kIdentity)},
        {"relu", bend(Activation::kRelu)},
        {"sigmoid", bend(Activation::kSigmoid)},
        {"tanh", bend(Activation::kTanh)},
        {"leaky_relu", bend(Activation::kLeakyRelu)},
        {"elu", bend(Activation::kElu)},
        {"selu", bend(Activation::kElu)},
        {"gelu", bend(Activation::kGelu)},
        {"gelu_tanh", bend(Activation::kGeluTanh)},
        {"silu", bend(Activation::kSilu)},
        {"mish", bend(Activation::kMish)},
        {"softplus", bend(Activation::kSoftplus)},
    };
    return known;
}

void set(Node& node, const std::string& name, double value) {
    if (name == "negative_slope" || name == "alpha" || name == "beta") {
        node.first = value;
    } else if (name == "scale" || name == "threshold") {
        node.second = value;
    } else if (name == "p") {
        node.p = value;
    } else if (name == "eps") {
        node.eps = value;
    } else if (name == "momentum") {
        node.momentum = value;
    } else if (name == "column") {
        node.column = static_cast<std::size_t>(value);
    } else if (name == "num_embeddings") {
        node.table_rows = static_cast<std::size_t>(value);
    } else if (name == "embedding_dim") {
        node.table_units = static_cast<std::size_t>(value);
    } else if (name == "padding_idx") {
        node.padding = static_cast<std::int64_t>(value);
    } else if (name == "training") {
        node.is_fixed = value == 0;
    } else {
        throw std::invalid_argument("a known setting instead of '" + name + "'");
    }
}

// Whether units · inputs numbers from `start` on lie among `count`.
bool lie_within(std::size_t start, std::size_t units, std::size_t inputs, std::size_t count) {
    return start <= count && units <= (count - start) / inputs;
}

bool is_norm(const Node& node) {
    return node.kind == NodeKind::kLayerNorm || node.kind == NodeKind::kBatchNorm;
}

void check_table(const Program& program, const Node& node) {
    const std::size_t units = program.widths[node.output];
    require(node.table_rows > 0 && node.table_rows <= 2147483647 && node.table_units > 0 &&
                node.weight != kNone && node.bias == kNone &&
                lie_within(node.weight, node.table_units, node.table_rows, program.parameters),
            "a table among the parameters");
    require(node.input < program.inputs() && program.is_category[node.input],
            "categories for embeddings");
    const std::size_t columns = program.widths[node.input];
    require(units % node.table_units == 0 && node.column < columns &&
                units / node.table_units <= columns - node.column,
            "columns of categories for embeddings");
}

void check_parameters(const Program& program, const Node& node) {
    const std::size_t units = program.widths[node.output];
    if (node.kind == NodeKind::kEmbedding) {
        check_table(program, node);
        return;
    }
    const bool is_linear = node.kind == NodeKind::kLinear;
    const std::size_t inputs = is_linear ? program.widths[node.input] : 1;
    if (!is_linear && !is_norm(node)) {
        require(node.weight == kNone && node.bias == kNone, "parameters where there are weights");
    }
    require(node.weight == kNone ? !is_linear && node.bias == kNone
                                 : lie_within(node.weight, units, inputs, program.parameters),
            "weights among the parameters");
    require(node.bias == kNone || lie_within(node.bias, units, 1, program.parameters),
            "biases among the parameters");
}

void check_statistics(const Program& program, const Node& node) {
    if (node.kind != NodeKind::kBatchNorm) {
        require(node.statistics == kNone, "running statistics of batch normalization");
        return;
    }
    const std::size_t units = program.widths[node.output];
    require(node.statistics != kNone && lie_within(node.statistics, units, 2, program.statistics),
            "running means and variances among the statistics");
    require(node.counter < program.counters, "a counter for every running statistics");
}

}  // namespace

Node make_node(const NodeWords& words) {
    const auto& [kind, inputs, output, parameters, settings, statistics] = words;
    const auto found = kinds().find(kind);
    if (found == kinds().end()) {
        throw std::invalid_argument("a known kind instead of '" + kind + "'");
    }
    const bool is_sum = found->second.node == NodeKind::kAdd;
    const bool is_joined = found->second.node == NodeKind::kConcat;
    require(is_joined ? !inputs.empty() : inputs.size() == (is_sum ? 2 : 1),
            "one input, or two for an addition");
    require(parameters.size() <= 2, "a weight and a bias");
    require(statistics.empty() || statistics.size() == 2, "statistics and their counter");
    Node node{found->second.node, found->second.activation, inputs[0], output, kNone, kNone};
    node.other = is_sum ? inputs[1] : kNone;
    if (is_joined) {
        node.parts = inputs;
    }
    node.weight = parameters.empty() ? kNone : parameters[0];
    node.bias = parameters.size() < 2 ? kNone : parameters[1];
    node.statistics = statistics.empty() ? kNone : statistics[0];
    node.counter = statistics.empty() ? kNone : statistics[1];
    node.first = kind == "selu" ? kSeluAlpha : 0;
    node.second = kind == "selu" ? kSeluScale : 1;
    for (const auto& [name, value] : settings) {
        set(node, name, value);
    }
    return node;
}

void check_nodes(const Program& program) {
    const std::size_t buffers = program.widths.size();
    std::vector<bool> written(buffers, false);
    require(program.inputs() > 0 && program.inputs() <= buffers, "an input");
    std::fill_n(written.begin(), program.inputs(), true);
    for (const Node& node : program.nodes) {
        require(node.output < buffers, "nodes between known buffers");
        require(!written[node.output], "buffers written once, then read");
        std::size_t width = 0;
        for_each_input(node, [&](std::size_t read) {
            require(read < buffers && written[read], "buffers written once, then read");
            require(node.kind == NodeKind::kEmbedding || read >= program.inputs() ||
                        !program.is_category[read],
                    "numbers, not categories");
            const bool adds_up = node.kind == NodeKind::kConcat;
            require(adds_up || width == 0 || width == program.widths[read], "equal widths");
            width = program.widths[read] + (adds_up ? width : 0);
        });
        const bool keeps = node.kind != NodeKind::kLinear && node.kind != NodeKind::kEmbedding;
        require(!keeps || width == program.widths[node.output], "operations that keep the width");
        written[node.output] = true;
        check_parameters(program, node);
        check_statistics(program, node);
    }
    for (const bool is_written : written) {
        require(is_written, "an operation for every buffer");
    }
}

}  // namespace pellucid
