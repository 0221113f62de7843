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

struct Plan {
    std::vector<Slots> buffers;
    std::vector<std::size_t> values;  // units of each piece of memory
    std::vector<std::size_t> deltas;
};

// `keeps`: every buffer has memory of its own, as a trace wants it.
Plan make_plan(const Program& program, bool keeps);

}  // namespace pellucid
