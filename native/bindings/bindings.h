#pragma once

#include <nanobind/nanobind.h>

namespace pellucid {

void bind_random(nanobind::module_& module);

}  // namespace pellucid
