/**
 * @file Gives TensorFlow the op `AtelierOutputProduct`, through its C interface for ops and kernels. The wheel's library exports
 * that interface, but the addon is not linked with it: the functions are looked up in the library that the process has
 * loaded, and where one is missing nothing is registered.
 */
#include <dlfcn.h>
#include <node_api.h>

#include <atomic>
#include <mutex>
#include <string>

#include "output-product.h"

namespace {

// From tensorflow/c/{tf_datatype,tf_status,tf_tensor,kernels,ops}.h, which set-up keeps only until TensorFlow is built.
struct TF_Status;
struct TF_Tensor;
struct TF_KernelBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
struct TF_OpDefinitionBuilder;
struct TF_ShapeInferenceContext;
struct TF_ShapeHandle;
constexpr int kFloat = 1, kOk = 0, kInvalidArgument = 3, kResourceExhausted = 8;

#define TENSORFLOW(EACH)                                                                                              \
  EACH(TF_NewStatus, TF_Status* (*)())                                                                                \
  EACH(TF_DeleteStatus, void (*)(TF_Status*))                                                                         \
  EACH(TF_SetStatus, void (*)(TF_Status*, int, const char*))                                                          \
  EACH(TF_GetCode, int (*)(const TF_Status*))                                                                         \
  EACH(TF_Message, const char* (*)(const TF_Status*))                                                                 \
  EACH(TF_DeleteTensor, void (*)(TF_Tensor*))                                                                         \
  EACH(TF_NumDims, int (*)(const TF_Tensor*))                                                                         \
  EACH(TF_Dim, int64_t (*)(const TF_Tensor*, int))                                                                    \
  EACH(TF_TensorData, void* (*)(const TF_Tensor*))                                                                    \
  EACH(TF_NewOpDefinitionBuilder, TF_OpDefinitionBuilder* (*)(const char*))                                           \
  EACH(TF_OpDefinitionBuilderAddInput, void (*)(TF_OpDefinitionBuilder*, const char*))                                \
  EACH(TF_OpDefinitionBuilderAddOutput, void (*)(TF_OpDefinitionBuilder*, const char*))                               \
  EACH(TF_OpDefinitionBuilderSetShapeInferenceFunction,                                                               \
       void (*)(TF_OpDefinitionBuilder*, void (*)(TF_ShapeInferenceContext*, TF_Status*)))                            \
  EACH(TF_RegisterOpDefinition, void (*)(TF_OpDefinitionBuilder*, TF_Status*))                                        \
  EACH(TF_NewShapeHandle, TF_ShapeHandle* (*)())                                                                      \
  EACH(TF_DeleteShapeHandle, void (*)(TF_ShapeHandle*))                                                               \
  EACH(TF_ShapeInferenceContextGetInput, void (*)(TF_ShapeInferenceContext*, int, TF_ShapeHandle*, TF_Status*))       \
  EACH(TF_ShapeInferenceContextSetOutput, void (*)(TF_ShapeInferenceContext*, int, TF_ShapeHandle*, TF_Status*))      \
  EACH(TF_ShapeInferenceContextSubshape,                                                                              \
       void (*)(TF_ShapeInferenceContext*, TF_ShapeHandle*, int64_t, int64_t, TF_ShapeHandle*, TF_Status*))           \
  EACH(TF_ShapeInferenceContextConcatenateShapes,                                                                     \
       void (*)(TF_ShapeInferenceContext*, TF_ShapeHandle*, TF_ShapeHandle*, TF_ShapeHandle*, TF_Status*))            \
  EACH(TF_NewKernelBuilder,                                                                                           \
       TF_KernelBuilder* (*)(const char*, const char*, void* (*)(TF_OpKernelConstruction*),                           \
                             void (*)(void*, TF_OpKernelContext*), void (*)(void*)))                                  \
  EACH(TF_RegisterKernelBuilder, void (*)(const char*, TF_KernelBuilder*, TF_Status*))                                \
  EACH(TF_GetInput, void (*)(TF_OpKernelContext*, int, TF_Tensor**, TF_Status*))                                      \
  EACH(TF_AllocateOutput,                                                                                             \
       TF_Tensor* (*)(TF_OpKernelContext*, int, int, const int64_t*, int, size_t, TF_Status*))                        \
  EACH(TF_OpKernelContext_Failure, void (*)(TF_OpKernelContext*, TF_Status*))

template <class Function>
using Pointer = Function;
struct Library {
#define FIELD(name, ...) Pointer<__VA_ARGS__> name = nullptr;
  TENSORFLOW(FIELD)
#undef FIELD
};

Library tf;
std::atomic<size_t> threadCount{1};
std::atomic<atelier::Instructions> inUse{atelier::Instructions::none};

/** [n, D] and [vocabulary, D] give [n, vocabulary]. */
void inferShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle* handles[5];
  for (auto& handle : handles) handle = tf.TF_NewShapeHandle();
  auto [hidden, table, rows, tokens, logits] = handles;
  const auto ok = [&] { return tf.TF_GetCode(status) == kOk; };
  tf.TF_ShapeInferenceContextGetInput(context, 0, hidden, status);
  if (ok()) tf.TF_ShapeInferenceContextGetInput(context, 1, table, status);
  if (ok()) tf.TF_ShapeInferenceContextSubshape(context, hidden, 0, 1, rows, status);
  if (ok()) tf.TF_ShapeInferenceContextSubshape(context, table, 0, 1, tokens, status);
  if (ok()) tf.TF_ShapeInferenceContextConcatenateShapes(context, rows, tokens, logits, status);
  if (ok()) tf.TF_ShapeInferenceContextSetOutput(context, 0, logits, status);
  for (auto* handle : handles) tf.TF_DeleteShapeHandle(handle);
}

void multiply(TF_OpKernelContext* context, const TF_Tensor* hidden, const TF_Tensor* table, TF_Status* status) {
  if (tf.TF_NumDims(hidden) != 2 || tf.TF_NumDims(table) != 2 || tf.TF_Dim(hidden, 1) != tf.TF_Dim(table, 1)) {
    tf.TF_SetStatus(status, kInvalidArgument, "AtelierOutputProduct takes [n, D] and [vocabulary, D].");
    return;
  }
  const int64_t shape[] = {tf.TF_Dim(hidden, 0), tf.TF_Dim(table, 0)};
  const size_t bytes = static_cast<size_t>(shape[0] * shape[1]) * sizeof(float);
  TF_Tensor* logits = tf.TF_AllocateOutput(context, 0, kFloat, shape, 2, bytes, status);
  if (tf.TF_GetCode(status) == kOk &&
      !atelier::outputProduct(static_cast<const float*>(tf.TF_TensorData(hidden)), static_cast<size_t>(shape[0]),
                              static_cast<const uint16_t*>(tf.TF_TensorData(table)), static_cast<size_t>(shape[1]),
                              static_cast<size_t>(tf.TF_Dim(table, 1)), static_cast<float*>(tf.TF_TensorData(logits)),
                              threadCount, inUse))
    tf.TF_SetStatus(status, kResourceExhausted, "AtelierOutputProduct found no memory for its rows.");
  if (logits != nullptr) tf.TF_DeleteTensor(logits);
}

void compute(void*, TF_OpKernelContext* context) {
  TF_Status* status = tf.TF_NewStatus();
  TF_Tensor* hidden = nullptr;
  TF_Tensor* table = nullptr;
  tf.TF_GetInput(context, 0, &hidden, status);
  if (tf.TF_GetCode(status) == kOk) tf.TF_GetInput(context, 1, &table, status);
  if (tf.TF_GetCode(status) == kOk) multiply(context, hidden, table, status);
  if (tf.TF_GetCode(status) != kOk) tf.TF_OpKernelContext_Failure(context, status);
  for (TF_Tensor* tensor : {hidden, table})
    if (tensor != nullptr) tf.TF_DeleteTensor(tensor);
  tf.TF_DeleteStatus(status);
}

/** @return why the functions cannot be had, or nothing */
std::string findFunctions() {
  void* library = dlopen("libtensorflow_framework.so.2", RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) return "TensorFlow's library is not loaded";
#define FIND(name, ...)                                           \
  tf.name = reinterpret_cast<__VA_ARGS__>(dlsym(library, #name)); \
  if (tf.name == nullptr) return "TensorFlow's library has no " #name;
  TENSORFLOW(FIND)
#undef FIND
  return "";
}

/** @return why the op cannot be had, or nothing */
std::string registerOp() {
  if (atelier::bestInstructions() == atelier::Instructions::none) return "the processor has no AVX2";
  if (const std::string reason = findFunctions(); !reason.empty()) return reason;
  TF_Status* status = tf.TF_NewStatus();
  auto* op = tf.TF_NewOpDefinitionBuilder("AtelierOutputProduct");
  tf.TF_OpDefinitionBuilderAddInput(op, "hidden: float");
  tf.TF_OpDefinitionBuilderAddInput(op, "table: bfloat16");
  tf.TF_OpDefinitionBuilderAddOutput(op, "logits: float");
  tf.TF_OpDefinitionBuilderSetShapeInferenceFunction(op, inferShape);
  tf.TF_RegisterOpDefinition(op, status);
  if (tf.TF_GetCode(status) == kOk) {
    auto* kernel = tf.TF_NewKernelBuilder("AtelierOutputProduct", "CPU", nullptr, compute, nullptr);
    tf.TF_RegisterKernelBuilder("AtelierOutputProduct", kernel, status);
  }
  const std::string reason = tf.TF_GetCode(status) == kOk ? "" : tf.TF_Message(status);
  tf.TF_DeleteStatus(status);
  return reason;
}

/**
 * register(threads, narrow): the ops, once per process; how they are computed, at each call. With `narrow`, a processor that has AVX-512
 * does as if it had only AVX2. Returns the vector instructions, or throws an error that says why there are no ops.
 */
napi_value registerOps(napi_env env, napi_callback_info info) {
  static std::once_flag once;
  static std::string reason;
  size_t count = 2;
  napi_value arguments[2] = {nullptr, nullptr};
  uint32_t threads = 1;
  bool narrow = false;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  napi_get_value_uint32(env, arguments[0], &threads);
  napi_get_value_bool(env, arguments[1], &narrow);
  std::call_once(once, [] { reason = registerOp(); });
  if (!reason.empty()) {
    napi_throw_error(env, nullptr, reason.c_str());
    return nullptr;
  }
  threadCount = threads;
  inUse = narrow ? atelier::Instructions::avx2 : atelier::bestInstructions();
  napi_value name = nullptr;
  const char* instructions = inUse == atelier::Instructions::avx512 ? "AVX-512" : "AVX2";
  napi_create_string_utf8(env, instructions, NAPI_AUTO_LENGTH, &name);
  return name;
}

napi_value initialise(napi_env env, napi_value exports) {
  napi_value function = nullptr;
  napi_create_function(env, "register", NAPI_AUTO_LENGTH, registerOps, nullptr, &function);
  napi_set_named_property(env, exports, "register", function);
  return exports;
}

}  // namespace

NAPI_MODULE(atelier_ops, initialise)
