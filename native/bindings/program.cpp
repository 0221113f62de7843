#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "threads/subnormals.h"

namespace pellucid {

namespace {

// Classes are kept in 32 bits.
constexpr std::size_t kMostUnits = 2147483647;

using NodeWords = std::tuple<std::string, std::size_t, std::size_t, std::ptrdiff_t, std::ptrdiff_t>;

// kind, whether a mean, the setting, whether full, the class that is left out, weights
using CriterionWords =
    std::tuple<std::string, bool, double, bool, std::int64_t, std::vector<double>>;

template <class Kind>
Kind look_up(const std::map<std::string, Kind>& kinds, const std::string& name) {
    const auto found = kinds.find(name);
    if (found == kinds.end()) {
        throw std::invalid_argument("a known kind instead of '" + name + "'");
    }
    return found->second;
}

Node make_node(const NodeWords& words) {
    static const std::map<std::string, Activation> kActivations = {
        {"identity", Activation::kIdentity},
        {"relu", Activation::kRelu},
        {"sigmoid", Activation::kSigmoid},
        {"tanh", Activation::kTanh},
    };
    const auto& [kind, input, output, weight, bias] = words;
    Node node{NodeKind::kLinear, Activation::kIdentity, input, output, kNone, kNone};
    if (kind == "softmax") {
        node.kind = NodeKind::kSoftmax;
    } else if (kind != "linear") {
        node.kind = NodeKind::kActivation;
        node.activation = look_up(kActivations, kind);
    }
    node.weight = weight < 0 ? kNone : static_cast<std::size_t>(weight);
    node.bias = bias < 0 ? kNone : static_cast<std::size_t>(bias);
    return node;
}

// Whether units · inputs numbers from `start` on lie among `count`.
bool lie_within(std::size_t start, std::size_t units, std::size_t inputs, std::size_t count) {
    return start <= count && units <= (count - start) / inputs;
}

// What the engine relies on: it indexes buffers and parameters without looking again. Whether the
// program means something has been checked in Python.
void check(const Program& program) {
    const std::size_t buffers = program.widths.size();
    require(program.prediction < buffers && program.prediction > 0,
            "a loss that judges what an operation writes");
    for (const std::size_t units : program.widths) {
        require(units > 0 && units <= kMostUnits, "buffers of 1 to 2,147,483,647 units");
    }
    std::vector<bool> written(buffers, false);
    written[0] = true;
    for (const Node& node : program.nodes) {
        require(node.input < buffers && node.output < buffers, "nodes between known buffers");
        require(written[node.input] && !written[node.output], "buffers written once, then read");
        written[node.output] = true;
        const std::size_t inputs = program.widths[node.input];
        const std::size_t units = program.widths[node.output];
        if (node.kind != NodeKind::kLinear) {
            require(inputs == units, "activations that keep the width");
            require(node.weight == kNone && node.bias == kNone, "activations without parameters");
            continue;
        }
        require(node.weight != kNone && lie_within(node.weight, units, inputs, program.parameters),
                "weights among the parameters");
        require(node.bias == kNone || lie_within(node.bias, units, 1, program.parameters),
                "biases among the parameters");
    }
    for (const bool is_written : written) {
        require(is_written, "an operation for every buffer");
    }
}

Rule make_rule(const std::string& kind, const std::map<std::string, double>& settings) {
    const auto setting = [&](const char* name, double otherwise) {
        const auto found = settings.find(name);
        return found == settings.end() ? otherwise : found->second;
    };
    Rule rule;
    rule.kind = look_up<RuleKind>({{"sgd", RuleKind::kSgd}, {"adam", RuleKind::kAdam}}, kind);
    rule.momentum = setting("momentum", 0);
    rule.dampening = setting("dampening", 0);
    rule.weight_decay = setting("weight_decay", 0);
    rule.beta1 = setting("beta1", 0.9);
    rule.beta2 = setting("beta2", 0.999);
    rule.eps = setting("eps", 1e-8);
    rule.nesterov = setting("nesterov", 0) != 0;
    rule.maximize = setting("maximize", 0) != 0;
    return rule;
}

Criterion make_criterion(const CriterionWords& words, std::size_t outputs) {
    static const std::map<std::string, LossKind> kLosses = {
        {"mse", LossKind::kSquared},
        {"l1", LossKind::kAbsolute},
        {"huber", LossKind::kHuber},
        {"smooth_l1", LossKind::kSmoothAbsolute},
        {"quantile", LossKind::kQuantile},
        {"poisson", LossKind::kPoisson},
        {"poisson_of_log", LossKind::kPoissonOfLog},
        {"bce", LossKind::kBinary},
        {"bce_with_logits", LossKind::kBinaryWithLogits},
        {"cross_entropy", LossKind::kCrossEntropy},
        {"nll", LossKind::kLogLikelihood},
    };
    const auto& [kind, is_mean, setting, is_full, ignored, weights] = words;
    Criterion criterion{look_up(kLosses, kind), is_mean, setting, is_full, ignored, weights};
    require(weights.size() == outputs || (weights.empty() && criterion.kind != LossKind::kQuantile),
            "a weight of the loss for each output");
    return criterion;
}

template <class T>
void apply(const std::string& machine, const std::string& function, Vector<const T> x,
           Vector<T> y) {
    require(x.size() == y.size(), "as many results as arguments");
    const auto kind = look_up<Function>({{"exp", Function::kExp},
                                         {"log", Function::kLog},
                                         {"log1p", Function::kLog1p},
                                         {"tanh", Function::kTanh},
                                         {"sigmoid", Function::kSigmoid}},
                                        function);
    const FlushSubnormals flush;
    find_machine(machine).kernels<T>().apply(kind, x.data(), y.data(), x.size());
}

std::vector<std::tuple<std::string, std::string>> list_machines() {
    std::vector<std::tuple<std::string, std::string>> names;
    for (const Machine* machine = machines(); machine->name != nullptr; ++machine) {
        names.emplace_back(machine->name, machine->arithmetic);
    }
    return names;
}

}  // namespace

void bind_program(nb::module_& module) {
    nb::class_<Program>(module, "Program")
        .def(
            "__init__",
            [](Program* self, std::vector<std::size_t> widths, const std::vector<NodeWords>& nodes,
               std::size_t prediction, const CriterionWords& loss, const std::string& rule,
               const std::map<std::string, double>& settings, std::size_t parameters) {
                Program program;
                program.widths = std::move(widths);
                for (const NodeWords& words : nodes) {
                    program.nodes.push_back(make_node(words));
                }
                program.prediction = prediction;
                require(prediction < program.widths.size(), "a loss that judges a buffer");
                program.criterion = make_criterion(loss, program.widths[prediction]);
                program.rule = make_rule(rule, settings);
                program.parameters = parameters;
                check(program);
                new (self) Program(std::move(program));
            },
            nb::arg("widths"), nb::arg("nodes"), nb::arg("prediction"), nb::arg("loss"),
            nb::arg("rule"), nb::arg("settings"), nb::arg("parameters"));
    module.def("machines", &list_machines);
    module.def("apply_function", &apply<float>, nb::arg("machine"), nb::arg("function"),
               nb::arg("x").noconvert(), nb::arg("y").noconvert());
    module.def("apply_function", &apply<double>, nb::arg("machine"), nb::arg("function"),
               nb::arg("x").noconvert(), nb::arg("y").noconvert());
}

}  // namespace pellucid
