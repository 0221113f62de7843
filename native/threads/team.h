// Threads that do one piece of work together and meet at barriers. They live as long as the work
// does, a stretch of many steps, so there is nothing to keep alive across a fork.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace pellucid {

// Waiting threads spin briefly, because the others are near, and then give way.
class Barrier {
  public:
    explicit Barrier(std::size_t threads) : threads_(threads) {}
    void meet();

  private:
    const std::size_t threads_;
    alignas(64) std::atomic<std::size_t> arrived_{0};
    alignas(64) std::atomic<std::size_t> round_{0};
};

// One thread of a team: thread `index` of `count`, and where all of them meet.
struct Member {
    std::size_t index;
    std::size_t count;
    Barrier& barrier;
};

// A team of one, who never waits.
struct Alone {
    Barrier barrier{1};
    Member member{0, 1, barrier};
};

// Calls work for each of `threads` members at the same time; the caller's thread is the first. A
// system that starts fewer threads makes a smaller team, in the worst case the caller alone.
void run_team(std::size_t threads, const std::function<void(const Member&)>& work);

// Processors that this process may use.
std::size_t processors();

}  // namespace pellucid
