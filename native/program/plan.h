// Where the buffers of a program lie. The only place that decides what may share memory: an
// activation works in place unless somebody wants to see both sides of it.
#pragma once

#include <cstddef>
#include <vector>

#include "program/program.h"

namespace pellucid {

struct Slots {
    std::size_t value;     // which piece of memory holds the buffer's values
    std::size_t delta;     // and its deltas; kNone if nobody needs them
    bool needs_row_major;  // a large layer reads it
};

// Deltas of a buffer with several readers are added up in the order of the way back: the last
// reader writes, the readers before it add.
struct Adds {
    bool to_input;
    bool to_other;
    std::vector<bool> to_parts;
};

struct Plan {
    std::vector<Slots> buffers;
    std::vector<std::size_t> values;  // units of each piece of memory
    std::vector<std::size_t> deltas;
    std::vector<Adds> adds;   // one a node
    std::size_t added_units;  // of the widest buffer whose deltas are added up
};

// `keeps`: every buffer has memory of its own, as a trace wants it.
Plan make_plan(const Program& program, bool keeps);

}  // namespace pellucid
