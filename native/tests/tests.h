#pragma once

namespace pellucid::tests {

void test_ground();
void test_kernels();
void test_layers();
void test_training();
void test_watching();

}  // namespace pellucid::tests
