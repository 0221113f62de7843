// Ctrl-C and a caller's stop flag, asked from C++ while Python's lock is released.
#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <optional>
#include <utility>

#include "threads/interrupt.h"

namespace pellucid {

namespace nb = nanobind;

class Signals {
  public:
    // `stop`: a callable that says whether to stop; or None.
    explicit Signals(nb::object stop = nb::none())
        : stop_(std::move(stop)),
          interrupt_([this] { return ask(); }, stop_.is_none() ? kPauseOfSignals : kPauseOfFlags) {}

    Interrupt& interrupt() { return interrupt_; }
    // What the signal's handler or the callable raised; the lock must be held.
    nb::object error() const { return error_ ? nb::borrow(error_->value()) : nb::none(); }
    void raise() {
        if (error_) {
            throw std::move(*error_);
        }
    }

  private:
    // Asking waits for Python's lock, which other threads of Python give up every 5 ms.
    static constexpr std::chrono::milliseconds kPauseOfSignals{50};
    static constexpr std::chrono::milliseconds kPauseOfFlags{10};

    bool ask() {
        const nb::gil_scoped_acquire held;
        try {
            if (PyErr_CheckSignals() != 0) {
                throw nb::python_error();
            }
            return !stop_.is_none() && nb::cast<bool>(nb::bool_(stop_()));
        } catch (nb::python_error& error) {
            error_.emplace(std::move(error));
            return true;
        }
    }

    nb::object stop_;
    std::optional<nb::python_error> error_;
    Interrupt interrupt_;
};

}  // namespace pellucid
