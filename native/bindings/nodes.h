// A program's nodes as Python hands them over, in words and numbers.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "program/program.h"

namespace pellucid {

// kind; the buffers that are read, the one that is written; where the parameters start; settings
// under PyTorch's names; where the running statistics start, and the number of their counter.
using NodeWords =
    std::tuple<std::string, std::vector<std::size_t>, std::size_t, std::vector<std::size_t>,
               std::map<std::string, double>, std::vector<std::size_t>>;

Node make_node(const NodeWords& words);

// What the engine relies on: it indexes buffers, parameters and statistics without looking again.
// Whether the program means something has been checked in Python.
void check_nodes(const Program& program);

}  // namespace pellucid
