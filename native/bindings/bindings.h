#pragma once

#include <nanobind/nanobind.h>

namespace pellucid {

void bind_random(nanobind::module_& module);
void bind_program(nanobind::module_& module);
void bind_training(nanobind::module_& module);
void bind_trace(nanobind::module_& module);
void bind_inference(nanobind::module_& module);
void bind_matrix(nanobind::module_& module);

}  // namespace pellucid
