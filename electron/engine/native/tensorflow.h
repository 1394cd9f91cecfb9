/**
 * @file TensorFlow's C interface, of which the wheel's library exports the functions but brings no headers that stay: set-up keeps them only until
 * TensorFlow is built. The addon is not linked with the library; functions are looked up in the one that the process has loaded.
 */
#pragma once

#include <dlfcn.h>

#include <string>

// From tensorflow/c/{tf_datatype,tf_status,tf_tensor}.h.
struct TF_Status;
struct TF_Tensor;
constexpr int kFloat = 1, kInt32 = 3, kUint8 = 4;
constexpr int kOk = 0, kInvalidArgument = 3, kResourceExhausted = 8;

namespace atelier {

template <class Function>
using Pointer = Function;

}  // namespace atelier

#define ATELIER_FIELD(name, ...) atelier::Pointer<__VA_ARGS__> name = nullptr;
#define ATELIER_FIND(name, ...)                              \
  name = reinterpret_cast<__VA_ARGS__>(dlsym(found, #name)); \
  if (name == nullptr) return "TensorFlow's library has no " #name;

/**
 * Defines `Library`: a pointer to each function of a list, and `find`, which looks them up and returns why they cannot be had, or nothing.
 * @param LIST a macro that gives the name and the type of every function to the macro that it is given
 */
#define ATELIER_LIBRARY(LIST)                                                   \
  struct Library {                                                              \
    LIST(ATELIER_FIELD)                                                         \
    std::string find(const char* library) {                                     \
      void* found = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);                   \
      if (found == nullptr) return "TensorFlow's library is not loaded";        \
      LIST(ATELIER_FIND)                                                        \
      return "";                                                                \
    }                                                                           \
  };
