#include "threads/crew.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace pellucid {

namespace {

constexpr auto kLook = std::chrono::milliseconds(20);  // between two looks at the interrupt

class Crew {
  public:
    Crew(std::size_t pieces, Interrupt& interrupt, const std::function<void(std::size_t)>& work)
        : pieces_(pieces), interrupt_(interrupt), work_(work) {}

    void run(std::size_t threads) {
        std::vector<std::thread> others;
        others.reserve(threads);
        try {
            while (others.size() + 1 < threads) {
                busy_.fetch_add(1);
                others.emplace_back([this] { help(); });
            }
        } catch (const std::exception&) {
            busy_.fetch_sub(1);  // the system starts no more: those who are there do all of it
        }
        take_pieces();
        wait();
        for (std::thread& other : others) {
            other.join();
        }
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

  private:
    void help() {
        take_pieces();
        const std::lock_guard<std::mutex> held(mutex_);
        busy_.fetch_sub(1);
        done_.notify_one();
    }

    void take_pieces() {
        while (!interrupt_.has_come() && !has_failed_.load(std::memory_order_relaxed)) {
            const std::size_t piece = next_.fetch_add(1, std::memory_order_relaxed);
            if (piece >= pieces_) {
                return;
            }
            try {
                work_(piece);
            } catch (...) {
                const std::lock_guard<std::mutex> held(mutex_);
                failure_ = failure_ ? failure_ : std::current_exception();
                has_failed_ = true;
            }
        }
    }

    // The caller's thread goes on asking whether an interrupt has come until the last one is done.
    void wait() {
        std::unique_lock<std::mutex> held(mutex_);
        while (!done_.wait_for(held, kLook, [this] { return busy_.load() == 0; })) {
            held.unlock();
            interrupt_.has_come();
            held.lock();
        }
    }

    const std::size_t pieces_;
    Interrupt& interrupt_;
    const std::function<void(std::size_t)>& work_;
    std::atomic<std::size_t> next_{0};
    std::atomic<std::size_t> busy_{0};  // threads beside the caller's that are not done
    std::atomic<bool> has_failed_{false};
    std::exception_ptr failure_;
    std::mutex mutex_;
    std::condition_variable done_;
};

}  // namespace

void run_crew(std::size_t threads, std::size_t pieces, Interrupt& interrupt,
              const std::function<void(std::size_t)>& work) {
    Crew(pieces, interrupt, work).run(std::min(threads, pieces));
}

}  // namespace pellucid
