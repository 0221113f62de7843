#include "program/matrix.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <cstring>
#include <stdexcept>
#include <string>

#include "bindings/arrays.h"
#include "bindings/bindings.h"

namespace pellucid {

namespace {

// An array's memory by Python's buffer protocol, many times quicker than DLPack: the eager engine
// multiplies small matrices often.
class Buffer {
  public:
    Buffer(nb::handle array, int dimensions, int flags) {
        if (PyObject_GetBuffer(array.ptr(), &view_, flags | PyBUF_FORMAT) != 0) {
            throw nb::python_error();
        }
        if (view_.ndim != dimensions) {
            PyBuffer_Release(&view_);
            throw std::invalid_argument("arrays of other dimensions");
        }
    }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { PyBuffer_Release(&view_); }

    bool holds(const char* format) const { return std::strcmp(view_.format, format) == 0; }
    std::size_t size(int axis) const { return static_cast<std::size_t>(view_.shape[axis]); }
    std::ptrdiff_t stride(int axis) const { return view_.strides[axis] / view_.itemsize; }
    template <class T>
    T* data() const {
        return static_cast<T*>(view_.buf);
    }

  private:
    Py_buffer view_;
};

template <class T>
void multiply_all(const Machine& machine, const Buffer& rows, const Buffer& matrix,
                  const Buffer* start, const Buffer& out) {
    const RowProduct<T> task{rows.data<T>(),
                             matrix.data<T>(),
                             matrix.stride(0),
                             matrix.stride(1),
                             start == nullptr ? nullptr : start->data<T>(),
                             out.data<T>(),
                             rows.size(0),
                             rows.size(1),
                             matrix.size(0)};
    const nb::gil_scoped_release released;
    multiply<T>(machine.kernels<T>(), task);
}

void multiply_checked(const Machine& machine, const Buffer& rows, const Buffer& matrix,
                      const Buffer* start, const Buffer& out) {
    const std::size_t width = matrix.size(0);
    require(matrix.size(1) == rows.size(1), "matrices with one inner length");
    require(out.size(0) == rows.size(0) && out.size(1) == width, "room for the product");
    require(start == nullptr || start->size(0) == width, "a start for every column");
    require(rows.size(0) > 0 && rows.size(1) > 0 && width > 0, "matrices that are not empty");
    const auto all_hold = [&](const char* format) {
        return rows.holds(format) && matrix.holds(format) && out.holds(format) &&
               (start == nullptr || start->holds(format));
    };
    if (all_hold("f")) {
        multiply_all<float>(machine, rows, matrix, start, out);
    } else {
        require(all_hold("d"), "arrays of float32 or of float64");
        multiply_all<double>(machine, rows, matrix, start, out);
    }
}

void multiply_rows(nb::handle rows, nb::handle matrix, nb::handle start, nb::handle out) {
    const Buffer read_rows(rows, 2, PyBUF_C_CONTIGUOUS);
    const Buffer read_matrix(matrix, 2, PyBUF_STRIDES);
    const Buffer written(out, 2, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE);
    const Machine& machine = *machines();
    if (start.is_none()) {
        multiply_checked(machine, read_rows, read_matrix, nullptr, written);
    } else {
        const Buffer read_start(start, 1, PyBUF_C_CONTIGUOUS);
        multiply_checked(machine, read_rows, read_matrix, &read_start, written);
    }
}

}  // namespace

void bind_matrix(nb::module_& module) {
    module.def("multiply_rows", &multiply_rows, nb::arg("rows"), nb::arg("matrix"),
               nb::arg("start").none(), nb::arg("out"));
}

}  // namespace pellucid
