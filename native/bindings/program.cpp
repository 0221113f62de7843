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
#include "bindings/nodes.h"
#include "threads/subnormals.h"

namespace pellucid {

namespace {

// Classes are kept in 32 bits.
constexpr std::size_t kMostUnits = 2147483647;

using Settings = std::map<std::string, double>;
using SegmentWords = std::tuple<std::size_t, std::size_t, std::size_t>;
// kind, the groups' settings, segments (first, end, group) if there are several, clipping (0: none)
using OptimizerWords =
    std::tuple<std::string, std::vector<Settings>, std::vector<SegmentWords>, double, double>;
// kind, whether a mean, the setting, whether full, the class that is left out, weights, and what
// the outputs' losses are multiplied by
using CriterionWords = std::tuple<std::string, bool, double, bool, std::int64_t,
                                  std::vector<double>, std::vector<double>>;

template <class Kind>
Kind look_up(const std::map<std::string, Kind>& kinds, const std::string& name) {
    const auto found = kinds.find(name);
    if (found == kinds.end()) {
        throw std::invalid_argument("a known kind instead of '" + name + "'");
    }
    return found->second;
}

void check(const Program& program) {
    require(program.prediction < program.widths.size() && program.prediction >= program.inputs(),
            "a loss that judges what an operation writes");
    for (const std::size_t units : program.widths) {
        require(units > 0 && units <= kMostUnits, "buffers of 1 to 2,147,483,647 units");
    }
    check_nodes(program);
}

Rule make_rule(const std::string& kind, const Settings& settings) {
    const auto setting = [&](const char* name, double otherwise) {
        const auto found = settings.find(name);
        return found == settings.end() ? otherwise : found->second;
    };
    Rule rule;
    rule.momentum = setting("momentum", 0);
    rule.dampening = setting("dampening", 0);
    rule.weight_decay = setting("weight_decay", kind == "adamw" ? 0.01 : 0);
    rule.beta1 = setting("beta1", 0.9);
    rule.beta2 = setting("beta2", 0.999);
    rule.eps = setting("eps", kind == "adagrad" ? 1e-10 : 1e-8);
    rule.alpha = setting("alpha", 0.99);
    rule.lr_decay = setting("lr_decay", 0);
    rule.nesterov = setting("nesterov", 0) != 0;
    rule.maximize = setting("maximize", 0) != 0;
    rule.amsgrad = setting("amsgrad", 0) != 0;
    rule.centered = setting("centered", 0) != 0;
    rule.is_decoupled = kind == "adamw";
    return rule;
}

// The last segment takes the padding behind the last parameter with it.
Optimizer make_optimizer(const OptimizerWords& words, std::size_t parameters) {
    static const std::map<std::string, RuleKind> kRules = {{"sgd", RuleKind::kSgd},
                                                           {"adam", RuleKind::kAdam},
                                                           {"adamw", RuleKind::kAdam},
                                                           {"rmsprop", RuleKind::kRmsprop},
                                                           {"adagrad", RuleKind::kAdagrad}};
    const auto& [kind, groups, segments, clip_norm, clip_value] = words;
    Optimizer optimizer;
    optimizer.kind = look_up(kRules, kind);
    require(!groups.empty(), "a group of parameters");
    optimizer.groups.clear();
    for (const Settings& settings : groups) {
        optimizer.groups.push_back(make_rule(kind, settings));
    }
    std::size_t next = 0;
    for (const auto& [first, end, group] : segments) {
        require(first >= next && first < end && end <= parameters && group < groups.size(),
                "segments of the parameters behind one another");
        optimizer.segments.push_back({first, end, group});
        next = end;
    }
    require(groups.size() == 1 || next > 0, "parameters in the groups");
    if (next == parameters && next > 0 && !optimizer.segments.empty()) {
        optimizer.segments.back().end = round_up(parameters, kPanelRows);
    }
    optimizer.clip_norm = clip_norm;
    optimizer.clip_value = clip_value;
    return optimizer;
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
        {"soft_cross_entropy", LossKind::kSoftCrossEntropy},
    };
    const auto& [kind, is_mean, setting, is_full, ignored, weights, elements] = words;
    Criterion criterion{
        look_up(kLosses, kind), is_mean, setting, is_full, ignored, weights, elements};
    const bool is_binary =
        criterion.kind == LossKind::kBinary || criterion.kind == LossKind::kBinaryWithLogits;
    require(elements.empty() || (is_binary && elements.size() == outputs),
            "a weight of each output's loss of yes and no");
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
                                         {"sigmoid", Function::kSigmoid},
                                         {"exp_less_one", Function::kExpLessOne},
                                         {"normal_below", Function::kNormalBelow}},
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
               std::size_t prediction, const CriterionWords& loss, const OptimizerWords& optimizer,
               std::size_t parameters, std::size_t statistics, std::size_t counters,
               std::vector<bool> is_category) {
                Program program;
                program.widths = std::move(widths);
                program.is_category = std::move(is_category);
                for (const NodeWords& words : nodes) {
                    program.nodes.push_back(make_node(words));
                }
                program.prediction = prediction;
                require(prediction < program.widths.size(), "a loss that judges a buffer");
                program.criterion = make_criterion(loss, program.widths[prediction]);
                program.optimizer = make_optimizer(optimizer, parameters);
                for (Node& node : program.nodes) {
                    node.learns_weight = program.optimizer.learns(node.weight);
                    node.learns_bias = program.optimizer.learns(node.bias);
                }
                program.parameters = parameters;
                program.statistics = statistics;
                program.counters = counters;
                check(program);
                new (self) Program(std::move(program));
            },
            nb::arg("widths"), nb::arg("nodes"), nb::arg("prediction"), nb::arg("loss"),
            nb::arg("optimizer"), nb::arg("parameters"), nb::arg("statistics"), nb::arg("counters"),
            nb::arg("is_category") = std::vector<bool>{false});
    module.def("machines", &list_machines);
    module.def("apply_function", &apply<float>, nb::arg("machine"), nb::arg("function"),
               nb::arg("x").noconvert(), nb::arg("y").noconvert());
    module.def("apply_function", &apply<double>, nb::arg("machine"), nb::arg("function"),
               nb::arg("x").noconvert(), nb::arg("y").noconvert());
}

}  // namespace pellucid
