// Products and gradients of every machine against the specification, written out number by number.
#include <cmath>
#include <string>

#include "tests/check.h"
#include "tests/machines.h"
#include "tests/tests.h"

namespace pellucid::tests {

namespace {

template <class T>
struct Arithmetic {
    bool fused;
    T add_product(T a, T b, T c) const {
        if (fused) {
            return std::fma(a, b, c);
        }
        volatile T product = a * b;  // volatile: the compiler must not fuse here either
        return product + c;
    }
};

std::size_t padded_panels(std::size_t rows) {
    return (rows + kPanelRows - 1) / kPanelRows;
}

// Panels of `units` from rows; lanes beyond the last row are 0.
template <class T>
std::vector<T> to_panels(const std::vector<T>& rows, std::size_t count, std::size_t units) {
    std::vector<T> panels(padded_panels(count) * units * kPanelRows, T(0));
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t u = 0; u < units; ++u) {
            panels[(i / kPanelRows * units + u) * kPanelRows + i % kPanelRows] =
                rows[i * units + u];
        }
    }
    return panels;
}

template <class T>
void check_product(const Machine& machine, std::size_t m, std::size_t k, std::size_t rows,
                   bool has_start, bool turned) {
    Stream stream(static_cast<unsigned>(m * 1000 + k));
    const Arithmetic<T> arithmetic{std::string(machine.arithmetic) == "fma"};
    const std::vector<T> a = stream.numbers<T>(m * k);
    const std::vector<T> start = stream.numbers<T>(m);
    const std::vector<T> b = stream.numbers<T>(rows * k);
    std::vector<T> found(padded_panels(rows) * m * kPanelRows, T(7));
    const std::vector<T> panels = to_panels(b, rows, k);
    const std::ptrdiff_t row = turned ? 1 : static_cast<std::ptrdiff_t>(k);
    const std::ptrdiff_t column = turned ? static_cast<std::ptrdiff_t>(m) : 1;
    const std::size_t half = m / 2;  // units may be divided anywhere
    for (const Panels units : {Panels{0, half}, Panels{half, m}}) {
        machine.kernels<T>().product({a.data(),
                                      row,
                                      column,
                                      has_start ? start.data() : nullptr,
                                      panels.data(),
                                      found.data(),
                                      m,
                                      k,
                                      {0, padded_panels(rows)},
                                      units});
    }
    std::vector<T> wanted(rows * m);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t u = 0; u < m; ++u) {
            T sum = has_start ? start[u] : T(0);
            for (std::size_t j = 0; j < k; ++j) {
                sum =
                    arithmetic.add_product(turned ? a[j * m + u] : a[u * k + j], b[i * k + j], sum);
            }
            wanted[i * m + u] = sum;
        }
    }
    std::vector<T> rows_found(rows * m);
    for (std::size_t i = 0; i < rows * m; ++i) {
        const std::size_t lane = i / m;
        rows_found[i] = found[(lane / kPanelRows * m + i % m) * kPanelRows + lane % kPanelRows];
    }
    CHECK(same_bits(rows_found, wanted));
}

// Σ terms in 16 parts, index mod 16, and the tree.
template <class T, class Term>
T sixteen_parts(std::size_t first, std::size_t end, Term add_term) {
    T parts[16] = {};
    for (std::size_t i = first; i < end; ++i) {
        parts[i % 16] = add_term(i, parts[i % 16]);
    }
    for (int half = 8; half > 0; half /= 2) {
        for (int i = 0; i < half; ++i) {
            parts[i] += parts[i + half];
        }
    }
    return parts[0];
}

template <class T, class Term>
T sum_of_rows(std::size_t rows, bool in_parts, Term add_term) {
    T total = T(0);
    for (std::size_t first = 0; first < rows; first += kBlockRows) {
        const std::size_t end = first + kBlockRows < rows ? first + kBlockRows : rows;
        T block = T(0);
        if (in_parts) {
            block = sixteen_parts<T>(first, end, add_term);
        } else {
            for (std::size_t i = first; i < end; ++i) {
                block = add_term(i, block);
            }
        }
        total = first == 0 ? block : total + block;
    }
    return total;
}

template <class T>
void check_gradient(const Machine& machine, std::size_t units, std::size_t inputs, std::size_t rows,
                    bool is_large) {
    Stream stream(static_cast<unsigned>(units * 1000 + inputs));
    const Arithmetic<T> arithmetic{std::string(machine.arithmetic) == "fma"};
    const std::vector<T> delta = stream.numbers<T>(rows * units);
    const std::vector<T> values = stream.numbers<T>(rows * inputs);
    const std::size_t stride = (inputs + 15) / 16 * 16;
    std::vector<T> row_major(padded_panels(rows) * kPanelRows * stride, T(0));
    const std::vector<T> delta_panels = to_panels(delta, rows, units);
    const std::vector<T> value_panels = to_panels(values, rows, inputs);
    const Kernels<T>& kernels = machine.kernels<T>();
    kernels.to_rows(value_panels.data(), inputs, row_major.data(), stride,
                    {0, padded_panels(rows)});
    std::vector<T> weight(units * inputs, T(7)), bias(units, T(7));
    Gradient<T> task{};
    task.delta = delta_panels.data();
    task.units = units;
    task.values = value_panels.data();
    task.row_major = row_major.data();
    task.stride = stride;
    task.inputs = inputs;
    task.rows = rows;
    task.weight = weight.data();
    task.bias = bias.data();
    // In two shares, as two threads would.
    const std::size_t middle = units / 2;
    for (const auto& [first, end] : {Panels{0, middle}, Panels{middle, units}}) {
        task.first = first;
        task.end = end;
        (is_large ? kernels.large_gradient : kernels.small_gradient)(task);
    }
    std::vector<T> wanted_weight, wanted_bias;
    for (std::size_t u = 0; u < units; ++u) {
        for (std::size_t k = 0; k < inputs; ++k) {
            wanted_weight.push_back(sum_of_rows<T>(rows, !is_large, [&](std::size_t i, T sum) {
                return arithmetic.add_product(delta[i * units + u], values[i * inputs + k], sum);
            }));
        }
        wanted_bias.push_back(sum_of_rows<T>(
            rows, true, [&](std::size_t i, T sum) { return sum + delta[i * units + u]; }));
    }
    CHECK(same_bits(weight, wanted_weight));
    CHECK(same_bits(bias, wanted_bias));
}

template <class T>
void check_layout(const Machine& machine, std::size_t units, std::size_t rows) {
    Stream stream(static_cast<unsigned>(units));
    const std::vector<T> table = stream.numbers<T>(rows * units);
    const std::vector<T> zeros(units, T(0));
    std::vector<T> panels(padded_panels(rows) * units * kPanelRows, T(7));
    for (std::size_t p = 0; p < padded_panels(rows); ++p) {
        const T* starts[kPanelRows];
        for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
            const std::size_t i = p * kPanelRows + lane;
            starts[lane] = i < rows ? table.data() + i * units : zeros.data();
        }
        machine.kernels<T>().gather(starts, panels.data() + p * units * kPanelRows, units);
    }
    CHECK(same_bits(panels, to_panels(table, rows, units)));
}

template <class T>
void check_machine(const Machine& machine) {
    for (const std::size_t m : {1, 2, 3, 5, 6, 7, 12, 13, 25, 100}) {
        for (const std::size_t k : {1, 4, 255, 256, 257, 600}) {
            check_product<T>(machine, m, k, 10 + m, m % 2 == 0, k % 2 == 0);
        }
    }
    for (const std::size_t m : {128, 130, 211}) {  // wide: parts of the matrix are turned round
        check_product<T>(machine, m, 300, 120, false, true);
    }
    for (const std::size_t rows : {1, 16, 100, 1024, 1025, 2100}) {
        check_gradient<T>(machine, 3, 5, rows, false);
        check_gradient<T>(machine, 1, 1, rows, false);
        check_gradient<T>(machine, 27, 70, rows, true);
        check_gradient<T>(machine, 13, 15, rows, true);
        check_gradient<T>(machine, 53, 130, rows, true);
    }
    for (const std::size_t units : {1, 2, 3, 4, 7, 8, 15, 29, 64}) {
        check_layout<T>(machine, units, 37);
    }
}

}  // namespace

void test_kernels() {
    for (const Machine& machine : all_machines()) {
        check_machine<float>(machine);
        check_machine<double>(machine);
    }
}

}  // namespace pellucid::tests
