#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "bindings/bindings.h"
#include "random/mt19937.h"

namespace nb = nanobind;

namespace pellucid {

namespace {

using Words = nb::ndarray<std::uint32_t, nb::shape<kGeneratorWords>, nb::c_contig, nb::device::cpu>;
template <class T>
using Vector = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

template <class T>
void uniform(Words words, Vector<T> out, double low, double high) {
    Generator(words.data()).uniform(out.data(), out.size(), low, high);
}

}  // namespace

void bind_random(nb::module_& module) {
    module.attr("GENERATOR_WORDS") = kGeneratorWords;
    module.def(
        "generator_seed",
        [](Words words, std::uint64_t seed) {
            Generator(words.data()).seed(static_cast<std::uint32_t>(seed));
        },
        nb::arg("words").noconvert(), nb::arg("seed"));
    module.def(
        "generator_int64", [](Words words) { return Generator(words.data()).random_int64(); },
        nb::arg("words").noconvert());
    module.def("generator_uniform", &uniform<float>, nb::arg("words").noconvert(),
               nb::arg("out").noconvert(), nb::arg("low"), nb::arg("high"));
    module.def("generator_uniform", &uniform<double>, nb::arg("words").noconvert(),
               nb::arg("out").noconvert(), nb::arg("low"), nb::arg("high"));
    module.def(
        "generator_permutation",
        [](Words words, Vector<std::int64_t> out) {
            Generator(words.data()).permutation(out.data(), out.size());
        },
        nb::arg("words").noconvert(), nb::arg("out").noconvert());
}

}  // namespace pellucid
