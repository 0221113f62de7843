#include "program/plan.h"

#include <algorithm>

namespace pellucid {

namespace {

// How often a buffer is read; the loss reads the prediction.
std::size_t count_readers(const Program& program, std::size_t buffer) {
    std::size_t readers = buffer == program.prediction ? 1 : 0;
    for (const Node& node : program.nodes) {
        for_each_input(node, [&](std::size_t input) { readers += input == buffer ? 1 : 0; });
    }
    return readers;
}

bool is_elementwise(const Node& node) {
    switch (node.kind) {
        case NodeKind::kActivation:
        case NodeKind::kSoftmax:
        case NodeKind::kLogSoftmax:
        case NodeKind::kDropout:
            return true;
        default:
            return false;
    }
}

// Whether `node` may write its deltas over those that it gets.
bool shares_deltas(const Program& program, const Node& node) {
    return is_elementwise(node) && count_readers(program, node.input) == 1;
}

// Whether `node` may overwrite its input: nobody else reads it, on the way back neither.
bool shares_values(const Program& program, const Node& node) {
    bool is_needed = needs_input(node);
    for (const Node& other : program.nodes) {
        is_needed |= other.output == node.input && needs_output(other);
    }
    return shares_deltas(program, node) && !is_needed;
}

void add_deltas(const Program& program, Plan& plan) {
    std::vector<bool> is_written(program.widths.size(), false);
    is_written[program.prediction] = true;
    plan.adds.assign(program.nodes.size(), Adds{});
    plan.added_units = 0;
    const auto meet = [&](std::size_t buffer) {
        const bool adds = is_written[buffer];
        is_written[buffer] = true;
        plan.added_units = std::max(plan.added_units, adds ? program.widths[buffer] : 0);
        return adds;
    };
    for (std::size_t i = program.nodes.size(); i-- > 0;) {
        const Node& node = program.nodes[i];
        for (const std::size_t part : node.parts) {
            plan.adds[i].to_parts.push_back(meet(part));
        }
        if (node.kind == NodeKind::kConcat) {
            continue;
        }
        plan.adds[i].to_input = meet(node.input);
        plan.adds[i].to_other = node.other != kNone && meet(node.other);
    }
}

}  // namespace

Plan make_plan(const Program& program, bool keeps) {
    Plan plan{};
    std::vector<bool> learns(program.widths.size(), false);
    plan.buffers.assign(program.widths.size(), Slots{kNone, kNone, false});
    for (std::size_t input = 0; input < program.inputs(); ++input) {
        plan.buffers[input].value = input;
        plan.values.push_back(program.widths[input]);
    }
    for (const Node& node : program.nodes) {
        const Slots& input = plan.buffers[node.input];
        Slots& output = plan.buffers[node.output];
        learns[node.output] = pellucid::learns(node);
        for_each_input(node, [&](std::size_t read) {
            learns[node.output] = learns[node.output] || learns[read];
        });
        const bool shares = !keeps && shares_values(program, node);
        output.value = shares ? input.value : plan.values.size();
        if (!shares) {
            plan.values.push_back(program.widths[node.output]);
        }
        if (learns[node.output] || keeps || node.output == program.prediction) {
            const bool shares_delta =
                !keeps && shares_deltas(program, node) && input.delta != kNone;
            output.delta = shares_delta ? input.delta : plan.deltas.size();
            if (!shares_delta) {
                plan.deltas.push_back(program.widths[node.output]);
            }
        }
        if (node.kind == NodeKind::kLinear && is_large(program, node) && pellucid::learns(node)) {
            plan.buffers[node.input].needs_row_major = true;
        }
    }
    add_deltas(program, plan);
    return plan;
}

}  // namespace pellucid
