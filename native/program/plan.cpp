#include "program/plan.h"

namespace pellucid {

namespace {

// Whether `node` may overwrite its input: it is its only reader, and who wrote it needs it no more.
bool works_in_place(const Program& program, const Node& node) {
    if (node.kind == NodeKind::kLinear || node.input == program.prediction) {
        return false;
    }
    std::size_t readers = 0;
    bool writer_is_done = true;
    for (const Node& other : program.nodes) {
        readers += other.input == node.input ? 1 : 0;
        if (other.output == node.input) {
            writer_is_done = other.kind == NodeKind::kLinear;
        }
    }
    return readers == 1 && writer_is_done;
}

}  // namespace

Plan make_plan(const Program& program, bool keeps) {
    Plan plan;
    std::vector<bool> learns(program.widths.size(), false);
    plan.buffers.assign(program.widths.size(), Slots{kNone, kNone, false});
    plan.buffers[0].value = 0;
    plan.values.push_back(program.widths[0]);
    for (const Node& node : program.nodes) {
        const bool shares = !keeps && works_in_place(program, node);
        const Slots& input = plan.buffers[node.input];
        Slots& output = plan.buffers[node.output];
        learns[node.output] = node.weight != kNone || learns[node.input];
        output.value = shares ? input.value : plan.values.size();
        if (!shares) {
            plan.values.push_back(program.widths[node.output]);
        }
        if (learns[node.output] || keeps || node.output == program.prediction) {
            const bool shares_delta = shares && input.delta != kNone;
            output.delta = shares_delta ? input.delta : plan.deltas.size();
            if (!shares_delta) {
                plan.deltas.push_back(program.widths[node.output]);
            }
        }
        if (node.kind == NodeKind::kLinear && is_large(program, node)) {
            plan.buffers[node.input].needs_row_major = true;
        }
    }
    return plan;
}

}  // namespace pellucid
