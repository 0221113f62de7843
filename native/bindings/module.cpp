// The Python face of the native engine: arrays in, arrays out. One function binds one subject.
#include <nanobind/nanobind.h>

#include "bindings/bindings.h"

NB_MODULE(_native, module) {
    module.doc() = "pellucid's compiled engine: arrays in, arrays out.";
    module.attr("version") = PELLUCID_VERSION;
    pellucid::bind_random(module);
    pellucid::bind_program(module);
    pellucid::bind_training(module);
    pellucid::bind_trace(module);
    pellucid::bind_inference(module);
    pellucid::bind_matrix(module);
}
