// Whether somebody wants long work to end early. The thread that made this asks the caller, with a
// pause in between, because asking may run the caller's code; other threads read the last answer.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "threads/subnormals.h"

namespace pellucid {

class Interrupt {
  public:
    // `ask` may be empty: then nobody ever interrupts.
    explicit Interrupt(std::function<bool()> ask = nullptr,
                       std::chrono::milliseconds pause = std::chrono::milliseconds(50))
        : ask_(std::move(ask)), pause_(pause) {}
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    // `flush`: what holds in the calling thread, to be paused while the caller's code runs.
    bool has_come(const FlushSubnormals* flush = nullptr) {
        if (!ask_) {
            return false;
        }
        if (!has_come_.load(std::memory_order_relaxed) && std::this_thread::get_id() == asker_) {
            ask(flush);
        }
        return has_come_.load(std::memory_order_relaxed);
    }

  private:
    using Clock = std::chrono::steady_clock;

    void ask(const FlushSubnormals* flush) {
        const Clock::time_point now = Clock::now();
        if (now - asked_ < pause_) {
            return;
        }
        asked_ = now;
        if (flush == nullptr) {
            has_come_ = ask_();
        } else {
            const FlushSubnormals::Pause pause(*flush);
            has_come_ = ask_();
        }
    }

    const std::function<bool()> ask_;
    const std::chrono::milliseconds pause_;
    const std::thread::id asker_ = std::this_thread::get_id();
    Clock::time_point asked_ = Clock::now();
    std::atomic<bool> has_come_{false};
};

}  // namespace pellucid
