// Numbers too small for a full mantissa count as 0 while this lives, as operands and as results.
// They are a hundred times slower than others, and dead units fill an optimizer's memory with them.
// Per thread, restored at the end; on x86-64 and 64-bit ARM. A result that only rounding lifts to
// the smallest normal number is kept by x86-64 and is 0 on ARM: nothing else tells the two apart.
#pragma once

#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace pellucid {

class FlushSubnormals {
  public:
    FlushSubnormals() : kept_(read()) { write(kept_ | kFlush); }
    ~FlushSubnormals() { write(kept_); }
    FlushSubnormals(const FlushSubnormals&) = delete;
    FlushSubnormals& operator=(const FlushSubnormals&) = delete;

    // The caller's ways again, for as long as its own code runs in between.
    class Pause {
      public:
        explicit Pause(const FlushSubnormals& flush) : kept_(read()) { write(flush.kept_); }
        ~Pause() { write(kept_); }
        Pause(const Pause&) = delete;
        Pause& operator=(const Pause&) = delete;

      private:
        std::uint64_t kept_;
    };

  private:
#if defined(__x86_64__) || defined(_M_X64)
    static constexpr std::uint64_t kFlush = 0x8040;  // results and operands
    static std::uint64_t read() { return _mm_getcsr(); }
    static void write(std::uint64_t word) { _mm_setcsr(static_cast<unsigned>(word)); }
#elif defined(__aarch64__)
    static constexpr std::uint64_t kFlush = std::uint64_t{1} << 24;
    static std::uint64_t read() {
        std::uint64_t word;
        __asm__ __volatile__("mrs %0, fpcr" : "=r"(word));
        return word;
    }
    static void write(std::uint64_t word) { __asm__ __volatile__("msr fpcr, %0" : : "r"(word)); }
#else
    static constexpr std::uint64_t kFlush = 0;
    static std::uint64_t read() { return 0; }
    static void write(std::uint64_t) {}
#endif

    std::uint64_t kept_;
};

}  // namespace pellucid
