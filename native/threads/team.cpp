#include "threads/team.h"

#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace pellucid {

namespace {

constexpr int kSpins = 1000;  // some twenty microseconds: longer than a barrier's usual wait

void pause_briefly() {
#if defined(__x86_64__) || defined(_M_X64)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

}  // namespace

void Barrier::meet() {
    if (threads_ == 1) {
        return;
    }
    const std::size_t round = round_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
        arrived_.store(0, std::memory_order_relaxed);
        round_.store(round + 1, std::memory_order_release);
        return;
    }
    for (int spins = 0; round_.load(std::memory_order_acquire) == round; ++spins) {
        if (spins < kSpins) {
            pause_briefly();
        } else {
            std::this_thread::yield();
        }
    }
}

void run_team(std::size_t threads, const std::function<void(const Member&)>& work) {
    std::optional<Barrier> barrier;
    std::vector<std::thread> others;
    std::size_t count = 1;
    // Nobody begins before it is known how many there are.
    std::mutex gate;
    std::unique_lock<std::mutex> closed(gate);
    const auto wait_and_work = [&](std::size_t index) {
        {
            const std::lock_guard<std::mutex> opened(gate);
        }
        work({index, count, *barrier});
    };
    try {
        for (; count < threads; ++count) {
            others.emplace_back(wait_and_work, count);
        }
    } catch (const std::exception&) {
        // The system starts no more; how many there are changes no bit.
    }
    barrier.emplace(count);
    closed.unlock();
    work({0, count, *barrier});
    for (std::thread& other : others) {
        other.join();
    }
}

std::size_t processors() {
    const unsigned count = std::thread::hardware_concurrency();
    return count == 0 ? 1 : count;
}

}  // namespace pellucid
