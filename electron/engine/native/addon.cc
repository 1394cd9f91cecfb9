/** @file Gives TensorFlow our own ops, through its C interface for ops and kernels. If one of its functions is missing, nothing is registered. */
#include <node_api.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <initializer_list>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "draw.h"
#include "nf4.h"
#include "output-product.h"
#include "scores.h"
#include "session.h"
#include "tensorflow.h"

namespace {

// From tensorflow/c/{kernels,ops}.h.
struct TF_KernelBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
struct TF_OpDefinitionBuilder;
struct TF_ShapeInferenceContext;
struct TF_ShapeHandle;

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
  EACH(TF_ShapeInferenceContextSetUnknownShape, void (*)(TF_ShapeInferenceContext*, TF_Status*))                      \
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

ATELIER_LIBRARY(TENSORFLOW)

Library tf;
std::atomic<size_t> threadCount{1};
std::atomic<atelier::Instructions> inUse{atelier::Instructions::none};

/** [n, D] and [vocabulary, …] give [n, vocabulary]. */
void inferRowsAndTokens(TF_ShapeInferenceContext* context, TF_Status* status) {
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

/** [n, vocabulary] gives [n], twice. */
void inferDrawnTokens(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle *logits = tf.TF_NewShapeHandle(), *rows = tf.TF_NewShapeHandle();
  const auto ok = [&] { return tf.TF_GetCode(status) == kOk; };
  tf.TF_ShapeInferenceContextGetInput(context, 0, logits, status);
  if (ok()) tf.TF_ShapeInferenceContextSubshape(context, logits, 0, 1, rows, status);
  for (int output = 0; output < 2; output++)
    if (ok()) tf.TF_ShapeInferenceContextSetOutput(context, output, rows, status);
  tf.TF_DeleteShapeHandle(logits);
  tf.TF_DeleteShapeHandle(rows);
}

/** The interface can say neither "2" nor "twice as much", which shapes of results are made of. */
void inferNothing(TF_ShapeInferenceContext* context, TF_Status* status) {
  tf.TF_ShapeInferenceContextSetUnknownShape(context, status);
}

/** [2, n] and [n, D]. */
void inferScoresAndDirections(TF_ShapeInferenceContext* context, TF_Status* status) {
  inferNothing(context, status);
  TF_ShapeHandle* hidden = tf.TF_NewShapeHandle();
  if (tf.TF_GetCode(status) == kOk) tf.TF_ShapeInferenceContextGetInput(context, 0, hidden, status);
  if (tf.TF_GetCode(status) == kOk) tf.TF_ShapeInferenceContextSetOutput(context, 1, hidden, status);
  tf.TF_DeleteShapeHandle(hidden);
}

/** The inputs of an op while it is computed. */
class Call {
 public:
  Call(TF_OpKernelContext* context, int count) : context_(context), status_(tf.TF_NewStatus()) {
    for (int i = 0; i < count && ok(); i++) tf.TF_GetInput(context, i, &inputs_[i], status_);
  }

  ~Call() {
    if (!ok()) tf.TF_OpKernelContext_Failure(context_, status_);
    for (TF_Tensor* tensor : inputs_)
      if (tensor != nullptr) tf.TF_DeleteTensor(tensor);
    for (TF_Tensor* tensor : outputs_)
      if (tensor != nullptr) tf.TF_DeleteTensor(tensor);
    tf.TF_DeleteStatus(status_);
  }

  bool ok() const { return tf.TF_GetCode(status_) == kOk; }
  bool isMatrix(int input) const { return tf.TF_NumDims(inputs_[input]) == 2; }
  bool isList(int input) const { return tf.TF_NumDims(inputs_[input]) == 1; }
  int64_t dim(int input, int axis) const { return tf.TF_Dim(inputs_[input], axis); }
  void fail(int code, const char* sentence) { tf.TF_SetStatus(status_, code, sentence); }

  template <class T>
  const T* data(int input) const {
    return static_cast<const T*>(tf.TF_TensorData(inputs_[input]));
  }

  /** An output, or null if there is no memory for it. */
  template <class T>
  T* output(int index, int type, std::initializer_list<int64_t> shape) {
    size_t bytes = sizeof(T);
    for (const int64_t size : shape) bytes *= static_cast<size_t>(size);
    if (!ok()) return nullptr;
    outputs_[index] = tf.TF_AllocateOutput(context_, index, type, shape.begin(), static_cast<int>(shape.size()), bytes, status_);
    return ok() ? static_cast<T*>(tf.TF_TensorData(outputs_[index])) : nullptr;
  }

  /** A float32 matrix, or null if there is no memory for it. */
  float* matrix(int64_t rows, int64_t columns, int index = 0) { return output<float>(index, kFloat, {rows, columns}); }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
  TF_Tensor* inputs_[4] = {};
  TF_Tensor* outputs_[2] = {};
};

void computeOutputProduct(void*, TF_OpKernelContext* context) {
  Call call(context, 2);
  if (!call.ok()) return;
  if (!call.isMatrix(0) || !call.isMatrix(1) || call.dim(0, 1) != call.dim(1, 1))
    return call.fail(kInvalidArgument, "AtelierOutputProduct takes [n, D] and [vocabulary, D].");
  const auto rows = static_cast<size_t>(call.dim(0, 0)), tokens = static_cast<size_t>(call.dim(1, 0));
  float* logits = call.matrix(call.dim(0, 0), call.dim(1, 0));
  if (logits != nullptr && !atelier::outputProduct(call.data<uint16_t>(0), rows, call.data<uint16_t>(1), tokens,
                                                   static_cast<size_t>(call.dim(1, 1)), logits, threadCount, inUse))
    call.fail(kResourceExhausted, "AtelierOutputProduct found no memory for its rows.");
}

void computeScoresOf(TF_OpKernelContext* context, bool directions) {
  Call call(context, 3);
  if (!call.ok()) return;
  if (!call.isMatrix(0) || !call.isMatrix(1) || !call.isList(2) || call.dim(0, 1) != call.dim(1, 1) ||
      call.dim(0, 0) != call.dim(2, 0))
    return call.fail(kInvalidArgument, "AtelierScores takes [n, D], [vocabulary, D] and [n].");
  const int64_t rows = call.dim(0, 0), width = call.dim(0, 1);
  float* scores = call.matrix(2, rows);
  float* towards = directions && scores != nullptr ? call.matrix(rows, width, 1) : nullptr;
  if (!call.ok()) return;
  const auto scored = atelier::score({call.data<uint16_t>(0), static_cast<size_t>(rows), call.data<uint16_t>(1),
                                      static_cast<size_t>(call.dim(1, 0)), static_cast<size_t>(width),
                                      call.data<int32_t>(2), scores, towards},
                                     threadCount);
  if (scored == atelier::Scored::noSuchToken)
    call.fail(kInvalidArgument, "AtelierScores was given a token outside of the vocabulary.");
  if (scored == atelier::Scored::noMemory) call.fail(kResourceExhausted, "AtelierScores found no memory for its rows.");
}

void computeScores(void*, TF_OpKernelContext* context) { computeScoresOf(context, false); }
void computeScoresAndDirections(void*, TF_OpKernelContext* context) { computeScoresOf(context, true); }

void computeDrawnTokens(void*, TF_OpKernelContext* context) {
  Call call(context, 4);
  if (!call.ok()) return;
  if (!call.isMatrix(0) || !call.isList(1) || !call.isList(2) || call.dim(1, 0) != call.dim(0, 1) ||
      call.dim(2, 0) != call.dim(0, 0) || call.dim(0, 1) == 0)
    return call.fail(kInvalidArgument, "AtelierDrawnTokens takes [n, vocabulary], [vocabulary], [n] and a number.");
  const int64_t rows = call.dim(0, 0);
  auto* tokens = call.output<int32_t>(0, kInt32, {rows});
  auto* logprobs = call.output<float>(1, kFloat, {rows});
  if (!call.ok()) return;
  const atelier::Draw all{call.data<float>(0), static_cast<size_t>(rows), static_cast<size_t>(call.dim(0, 1)), call.data<float>(1),
                          call.data<float>(2), *call.data<float>(3) != 0, tokens, logprobs};
  if (!atelier::draw(all, threadCount)) call.fail(kResourceExhausted, "AtelierDrawnTokens found no memory for its rows.");
}

/** The matrix of inputs 1 and 2, if those are codes [out, in / 2] and scales [out, in / 64]. */
bool takeNf4(const Call& call, atelier::Nf4Matrix& w) {
  constexpr int64_t kCodesOfScale = atelier::kNf4Block / 2;
  if (!call.isMatrix(0) || !call.isMatrix(1) || !call.isMatrix(2)) return false;
  if (call.dim(1, 0) != call.dim(2, 0) || call.dim(1, 1) != kCodesOfScale * call.dim(2, 1)) return false;
  w = {call.data<uint8_t>(1), call.data<float>(2), static_cast<size_t>(call.dim(1, 0)),
       static_cast<size_t>(2 * call.dim(1, 1))};
  return true;
}

void computeNf4Product(void*, TF_OpKernelContext* context) {
  Call call(context, 3);
  atelier::Nf4Matrix w{};
  if (!call.ok()) return;
  if (!takeNf4(call, w) || static_cast<size_t>(call.dim(0, 1)) != w.in)
    return call.fail(kInvalidArgument, "AtelierNf4Product takes [n, in], [out, in / 2] and [out, in / 64].");
  float* y = call.matrix(call.dim(0, 0), call.dim(1, 0));
  const auto rows = static_cast<size_t>(call.dim(0, 0));
  if (y != nullptr && !atelier::nf4Product(call.data<float>(0), rows, w, y, threadCount, inUse))
    call.fail(kResourceExhausted, "AtelierNf4Product found no memory for some rows of the matrix.");
}

void computeNf4Gradient(void*, TF_OpKernelContext* context) {
  Call call(context, 3);
  atelier::Nf4Matrix w{};
  if (!call.ok()) return;
  if (!takeNf4(call, w) || static_cast<size_t>(call.dim(0, 1)) != w.out)
    return call.fail(kInvalidArgument, "AtelierNf4Gradient takes [n, out], [out, in / 2] and [out, in / 64].");
  float* dx = call.matrix(call.dim(0, 0), 2 * call.dim(1, 1));
  const auto rows = static_cast<size_t>(call.dim(0, 0));
  if (dx != nullptr && !atelier::nf4Gradient(call.data<float>(0), rows, w, dx, threadCount, inUse))
    call.fail(kResourceExhausted, "AtelierNf4Gradient found no memory for some rows of the matrix.");
}

struct Op {
  const char* name;
  std::vector<const char*> inputs, outputs;
  void (*infer)(TF_ShapeInferenceContext*, TF_Status*);
  void (*compute)(void*, TF_OpKernelContext*);
};

/** @return why the op cannot be had, or nothing */
std::string registerOp(const Op& op) {
  TF_Status* status = tf.TF_NewStatus();
  auto* definition = tf.TF_NewOpDefinitionBuilder(op.name);
  for (const char* input : op.inputs) tf.TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : op.outputs) tf.TF_OpDefinitionBuilderAddOutput(definition, output);
  tf.TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, op.infer);
  tf.TF_RegisterOpDefinition(definition, status);
  if (tf.TF_GetCode(status) == kOk) {
    auto* kernel = tf.TF_NewKernelBuilder(op.name, "CPU", nullptr, op.compute, nullptr);
    tf.TF_RegisterKernelBuilder(op.name, kernel, status);
  }
  const std::string reason = tf.TF_GetCode(status) == kOk ? "" : tf.TF_Message(status);
  tf.TF_DeleteStatus(status);
  return reason;
}

/** @return why the ops cannot be had, or nothing */
std::string registerAll() {
  if (atelier::bestInstructions() == atelier::Instructions::none) return "the processor has no AVX2";
  if (const std::string reason = tf.find("libtensorflow_framework.so.2"); !reason.empty()) return reason;
  const char *codes = "codes: uint8", *scales = "scales: float";
  const char *hidden = "hidden: bfloat16", *table = "table: bfloat16", *ids = "ids: int32", *scores = "scores: float";
  const Op ops[] = {
      {"AtelierOutputProduct", {hidden, table}, {"logits: float"}, inferRowsAndTokens, computeOutputProduct},
      {"AtelierScores", {hidden, table, ids}, {scores}, inferNothing, computeScores},
      {"AtelierScoresAndDirections", {hidden, table, ids}, {scores, "directions: float"}, inferScoresAndDirections,
       computeScoresAndDirections},
      {"AtelierDrawnTokens",
       {"logits: float", "suppressed: float", "uniform: float", "greedy: float"},
       {"tokens: int32", "logprobs: float"},
       inferDrawnTokens,
       computeDrawnTokens},
      {"AtelierNf4Product", {"x: float", codes, scales}, {"y: float"}, inferRowsAndTokens, computeNf4Product},
      {"AtelierNf4Gradient", {"dy: float", codes, scales}, {"dx: float"}, inferNothing, computeNf4Gradient},
  };
  for (const Op& op : ops)
    if (const std::string reason = registerOp(op); !reason.empty()) return reason;
  return "";
}

/** The instructions that are widest, under the names by which JavaScript knows them. */
const std::pair<const char*, atelier::Instructions> kNames[] = {{"AVX-512 BF16", atelier::Instructions::avx512bf16},
                                                                {"AVX-512", atelier::Instructions::avx512},
                                                                {"AVX2", atelier::Instructions::avx2}};

/**
 * register(threads, most): the ops, once per process; how they are computed, at each call. A processor that has more than `most`, if it
 * is given, does as if it had only that. Returns the vector instructions, or throws an error that says why there are no ops.
 */
napi_value registerOps(napi_env env, napi_callback_info info) {
  static std::once_flag once;
  static std::string reason;
  size_t count = 2;
  napi_value arguments[2] = {nullptr, nullptr};
  uint32_t threads = 1;
  char most[16] = "";
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  napi_get_value_uint32(env, arguments[0], &threads);
  napi_get_value_string_utf8(env, arguments[1], most, sizeof(most), nullptr);
  std::call_once(once, [] { reason = registerAll(); });
  if (!reason.empty()) {
    napi_throw_error(env, nullptr, reason.c_str());
    return nullptr;
  }
  threadCount = threads;
  auto instructions = atelier::bestInstructions();
  const char* name = "";
  for (const auto& [known, limit] : kNames)
    if (std::strcmp(known, most) == 0) instructions = std::min(instructions, limit);
  for (const auto& [known, each] : kNames)
    if (each == instructions) name = known;
  inUse = instructions;
  napi_value result = nullptr;
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &result);
  return result;
}

/** scoresTokens(): whether the ops as they are registered score tokens without logits. */
napi_value scoresTokens(napi_env env, napi_callback_info) {
  napi_value value = nullptr;
  napi_get_boolean(env, atelier::canScore() && inUse == atelier::Instructions::avx512bf16, &value);
  return value;
}

/** quantise(values: Float32Array, codes: Uint8Array, scales: Float32Array): fills the last two, whose lengths must fit. */
napi_value quantise(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3] = {nullptr, nullptr, nullptr};
  napi_typedarray_type types[3] = {};
  size_t lengths[3] = {};
  void* data[3] = {};
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  bool fits = count == 3;
  for (int i = 0; i < 3 && fits; i++)
    fits = napi_get_typedarray_info(env, arguments[i], &types[i], &lengths[i], &data[i], nullptr, nullptr) == napi_ok;
  fits = fits && types[0] == napi_float32_array && types[1] == napi_uint8_array && types[2] == napi_float32_array &&
         lengths[0] % atelier::kNf4Block == 0 && lengths[1] == lengths[0] / 2 &&
         lengths[2] == lengths[0] / atelier::kNf4Block;
  if (!fits) {
    napi_throw_type_error(env, nullptr, "quantise takes n values (n a multiple of 64), n / 2 codes and n / 64 scales.");
    return nullptr;
  }
  atelier::nf4Quantise(static_cast<float*>(data[0]), lengths[0], static_cast<uint8_t*>(data[1]),
                       static_cast<float*>(data[2]));
  return nullptr;
}

napi_value initialise(napi_env env, napi_value exports) {
  const napi_property_descriptor functions[] = {
      {"register", nullptr, registerOps, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"quantise", nullptr, quantise, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"scoresTokens", nullptr, scoresTokens, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
  };
  napi_define_properties(env, exports, 3, functions);
  atelier::addSessions(env, exports);
  return exports;
}

}  // namespace

NAPI_MODULE(atelier_ops, initialise)
