#include "tests/check.h"
#include "tests/tests.h"

int main() {
    pellucid::tests::test_ground();
    pellucid::tests::test_kernels();
    pellucid::tests::test_training();
    pellucid::tests::test_layers();
    pellucid::tests::test_watching();
    std::printf("%d failures\n", pellucid::tests::failures());
    return pellucid::tests::failures() == 0 ? 0 : 1;
}
