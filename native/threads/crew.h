// Independent pieces of work done side by side: whoever is free takes the next piece. Unlike a
// team, the threads of a crew never wait for each other.
#pragma once

#include <cstddef>
#include <functional>

#include "threads/interrupt.h"

namespace pellucid {

// Calls work(i) once for each i below `pieces`, on up to `threads` threads, the caller's among
// them. Once an interrupt has come no piece is begun; pieces that run see it themselves. An
// exception lets the others end their pieces, begins none, and is thrown again here.
void run_crew(std::size_t threads, std::size_t pieces, Interrupt& interrupt,
              const std::function<void(std::size_t)>& work);

}  // namespace pellucid
