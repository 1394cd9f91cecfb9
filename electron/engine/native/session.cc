/**
 * @file Sessions of TensorFlow. tfjs-node has them too, but it opens them only from files, with no configuration, and lets
 * nothing be done beside JavaScript. These take their configuration from whoever opens them, and prepare graphs on a thread of
 * their own while JavaScript goes on. Feeds and results are named `node:0`, and every array is copied.
 */
#include "session.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "tensorflow.h"

namespace atelier {
namespace {

// From tensorflow/c/c_api.h.
struct TF_Buffer;
struct TF_SessionOptions;
struct TF_DeprecatedSession;

#define TENSORFLOW(EACH)                                                                                              \
  EACH(TF_NewStatus, TF_Status* (*)())                                                                                \
  EACH(TF_DeleteStatus, void (*)(TF_Status*))                                                                         \
  EACH(TF_GetCode, int (*)(const TF_Status*))                                                                         \
  EACH(TF_Message, const char* (*)(const TF_Status*))                                                                 \
  EACH(TF_AllocateTensor, TF_Tensor* (*)(int, const int64_t*, int, size_t))                                           \
  EACH(TF_NewTensor,                                                                                                  \
       TF_Tensor* (*)(int, const int64_t*, int, void*, size_t, void (*)(void*, size_t, void*), void*))                \
  EACH(TF_DeleteTensor, void (*)(TF_Tensor*))                                                                         \
  EACH(TF_TensorData, void* (*)(const TF_Tensor*))                                                                    \
  EACH(TF_TensorByteSize, size_t (*)(const TF_Tensor*))                                                               \
  EACH(TF_TensorType, int (*)(const TF_Tensor*))                                                                      \
  EACH(TF_NewSessionOptions, TF_SessionOptions* (*)())                                                                \
  EACH(TF_DeleteSessionOptions, void (*)(TF_SessionOptions*))                                                         \
  EACH(TF_SetConfig, void (*)(TF_SessionOptions*, const void*, size_t, TF_Status*))                                   \
  EACH(TF_NewDeprecatedSession, TF_DeprecatedSession* (*)(const TF_SessionOptions*, TF_Status*))                      \
  EACH(TF_CloseDeprecatedSession, void (*)(TF_DeprecatedSession*, TF_Status*))                                        \
  EACH(TF_DeleteDeprecatedSession, void (*)(TF_DeprecatedSession*, TF_Status*))                                       \
  EACH(TF_ExtendGraph, void (*)(TF_DeprecatedSession*, const void*, size_t, TF_Status*))                              \
  EACH(TF_Run, void (*)(TF_DeprecatedSession*, const TF_Buffer*, const char**, TF_Tensor**, int, const char**,        \
                        TF_Tensor**, int, const char**, int, TF_Buffer*, TF_Status*))

ATELIER_LIBRARY(TENSORFLOW)

Library tf;

/** @return why the functions cannot be had, or nothing */
const std::string& missing() {
  static const std::string reason = tf.find("libtensorflow_cc.so.2");
  return reason;
}

class Status {
 public:
  Status() : status_(tf.TF_NewStatus()) {}
  Status(const Status&) = delete;
  ~Status() { tf.TF_DeleteStatus(status_); }
  operator TF_Status*() { return status_; }
  bool ok() const { return tf.TF_GetCode(status_) == kOk; }
  std::string message() const { return tf.TF_Message(status_); }

 private:
  TF_Status* status_;
};

std::vector<const char*> pointersOf(const std::vector<std::string>& strings) {
  std::vector<const char*> pointers;
  for (const auto& each : strings) pointers.push_back(each.c_str());
  return pointers;
}

/** Nothing is prepared any more once the process ends: TensorFlow's own objects are about to go. */
class Workers {
 public:
  ~Workers() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.wait(lock, [this] { return running_ == 0; });
  }
  bool begin() {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    running_++;
    return true;
  }
  bool stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    running_--;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t running_ = 0;
  bool stopping_ = false;
};

Workers& workers() {
  static Workers all;
  return all;
}

/** What is fed and fetched in a kind of call. */
struct Call {
  std::vector<std::string> names, fetches;
};

/**
 * TensorFlow prepares a call's graph before it looks at what is fed. So the call that is made here never begins: one byte is
 * fed where numbers are expected.
 */
void prepareCall(TF_DeprecatedSession* session, const Call& call) {
  const int64_t one = 1;
  std::vector<TF_Tensor*> feeds(call.names.size());
  for (auto& feed : feeds) feed = tf.TF_AllocateTensor(kUint8, &one, 1, 1);
  std::vector<TF_Tensor*> fetched(call.fetches.size(), nullptr);
  std::vector<const char*> names = pointersOf(call.names), fetches = pointersOf(call.fetches);
  Status status;
  tf.TF_Run(session, nullptr, names.data(), feeds.data(), static_cast<int>(feeds.size()), fetches.data(),
            fetched.data(), static_cast<int>(fetched.size()), nullptr, 0, nullptr, status);
  feeds.insert(feeds.end(), fetched.begin(), fetched.end());
  for (auto* tensor : feeds)
    if (tensor != nullptr) tf.TF_DeleteTensor(tensor);
}

/** Ends once JavaScript has closed it, or let go of it, and nothing is prepared in it any more. */
class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(TF_DeprecatedSession* session) : session_(session) {}
  Session(const Session&) = delete;
  ~Session() {
    Status status;
    tf.TF_CloseDeprecatedSession(session_, status);
    tf.TF_DeleteDeprecatedSession(session_, status);
  }
  TF_DeprecatedSession* get() const { return session_; }

  /** Prepares calls one after another, beside whatever else is done. */
  void prepare(std::vector<Call> calls) {
    const std::lock_guard lock(mutex_);
    for (auto& call : calls) waiting_.push_back(std::move(call));
    if (working_ || waiting_.empty() || !workers().begin()) return;
    try {
      std::thread([self = shared_from_this()]() mutable {
        self->work();
        self.reset();
        workers().end();
      }).detach();
      working_ = true;
    } catch (const std::system_error&) {
      // The system gives no more threads: a call's graph is prepared when it is called.
      waiting_.clear();
      workers().end();
    }
  }

  /** Before a call: waits for its graph if that is being prepared. If it only waits for its turn, the call itself prepares it. */
  void takeTurn(const std::vector<std::string>& fetches) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return current_ != fetches; });
    const auto same = [&](const Call& call) { return call.fetches == fetches; };
    waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), same), waiting_.end());
  }

  /** How many calls are being prepared or wait for their turn. */
  size_t pending() {
    const std::lock_guard lock(mutex_);
    return waiting_.size() + (current_.empty() ? 0 : 1);
  }

  void close() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
  }

 private:
  void work() {
    for (Call call;;) {
      {
        const std::lock_guard lock(mutex_);
        current_.clear();
        changed_.notify_all();
        if (workers().stopping()) waiting_.clear();
        working_ = !waiting_.empty();
        if (!working_) return;
        call = std::move(waiting_.front());
        waiting_.pop_front();
        current_ = call.fetches;
      }
      prepareCall(session_, call);
    }
  }

  TF_DeprecatedSession* session_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Call> waiting_;
  /** The fetches of the call that is being prepared; empty = none. */
  std::vector<std::string> current_;
  bool working_ = false;
};

/** A tensor that JavaScript holds. */
struct Held {
  TF_Tensor* tensor;
  ~Held() {
    if (tensor != nullptr) tf.TF_DeleteTensor(tensor);
  }
};

napi_value fail(napi_env env, const std::string& message) {
  napi_throw_error(env, nullptr, message.c_str());
  return nullptr;
}

/** The arguments of a call; those that are absent are undefined. */
template <size_t Count>
std::vector<napi_value> argumentsOf(napi_env env, napi_callback_info info) {
  size_t count = Count;
  std::vector<napi_value> values(Count);
  napi_get_cb_info(env, info, &count, values.data(), nullptr, nullptr);
  return values;
}

std::vector<std::string> stringsOf(napi_env env, napi_value list) {
  uint32_t count = 0;
  napi_get_array_length(env, list, &count);
  std::vector<std::string> strings(count);
  for (uint32_t i = 0; i < count; i++) {
    napi_value value = nullptr;
    size_t length = 0;
    napi_get_element(env, list, i, &value);
    napi_get_value_string_utf8(env, value, nullptr, 0, &length);
    strings[i].resize(length);
    napi_get_value_string_utf8(env, value, strings[i].data(), length + 1, &length);
  }
  return strings;
}

struct Bytes {
  const void* data = nullptr;
  size_t size = 0;
};

Bytes bytesOf(napi_env env, napi_value array) {
  napi_typedarray_type type = napi_uint8_array;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr) != napi_ok) return {};
  const size_t size = type == napi_uint8_array ? 1 : 4;
  return {data, length * size};
}

template <class T>
T* externalOf(napi_env env, napi_value value) {
  void* data = nullptr;
  return napi_get_value_external(env, value, &data) == napi_ok ? static_cast<T*>(data) : nullptr;
}

template <class T>
napi_value external(napi_env env, T* data) {
  napi_value value = nullptr;
  napi_create_external(
      env, data, [](napi_env, void* held, void*) { delete static_cast<T*>(held); }, nullptr, &value);
  return value;
}

/** opensSessions(): whether TensorFlow's library is loaded and has what is needed. */
napi_value opensSessions(napi_env env, napi_callback_info) {
  napi_value value = nullptr;
  napi_get_boolean(env, missing().empty(), &value);
  return value;
}

/** openSession(graph, config): both as bytes of their messages, GraphDef and ConfigProto. */
napi_value openSession(napi_env env, napi_callback_info info) {
  if (!missing().empty()) return fail(env, missing());
  const auto given = argumentsOf<2>(env, info);
  const Bytes graph = bytesOf(env, given[0]), config = bytesOf(env, given[1]);
  Status status;
  TF_SessionOptions* options = tf.TF_NewSessionOptions();
  tf.TF_SetConfig(options, config.data, config.size, status);
  TF_DeprecatedSession* session = status.ok() ? tf.TF_NewDeprecatedSession(options, status) : nullptr;
  tf.TF_DeleteSessionOptions(options);
  if (!status.ok()) return fail(env, status.message());
  auto opened = std::make_shared<Session>(session);
  tf.TF_ExtendGraph(session, graph.data, graph.size, status);
  if (!status.ok()) return fail(env, status.message());
  return external(env, new std::shared_ptr<Session>(std::move(opened)));
}

/** extendSession(session, graph): adds nodes, as bytes of a GraphDef. Calls that are prepared stay so. */
napi_value extendSession(napi_env env, napi_callback_info info) {
  const auto given = argumentsOf<2>(env, info);
  const auto* session = externalOf<std::shared_ptr<Session>>(env, given[0]);
  if (session == nullptr || *session == nullptr) return fail(env, "The session is closed.");
  const Bytes graph = bytesOf(env, given[1]);
  Status status;
  tf.TF_ExtendGraph((*session)->get(), graph.data, graph.size, status);
  return status.ok() ? nullptr : fail(env, status.message());
}

/**
 * A copy of the values in a file of its own, which has no name any more and ends with the tensor. It is mapped into memory, so the
 * system can drop its pages and read them again. @return null with `errno`
 */
void* copyOnDisk(const Bytes& values, std::string path) {
  const int file = mkstemp(path.data());
  if (file < 0) return nullptr;
  unlink(path.c_str());
  const auto* from = static_cast<const char*>(values.data);
  size_t done = 0;
  int failed = 0;
  while (done < values.size && failed == 0) {
    const ssize_t written = write(file, from + done, values.size - done);
    if (written > 0)
      done += static_cast<size_t>(written);
    else if (written == 0 || errno != EINTR)
      failed = written == 0 ? ENOSPC : errno;
  }
  void* data = failed == 0 ? mmap(nullptr, values.size, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
  if (data == MAP_FAILED && failed == 0) failed = errno;
  close(file);
  errno = failed;
  return failed == 0 ? data : nullptr;
}

/** A shape as JavaScript gives it. */
std::vector<int64_t> shapeOf(napi_env env, napi_value array) {
  uint32_t rank = 0;
  napi_get_array_length(env, array, &rank);
  std::vector<int64_t> shape(rank);
  for (uint32_t i = 0; i < rank; i++) {
    napi_value size = nullptr;
    napi_get_element(env, array, i, &size);
    napi_get_value_int64(env, size, &shape[i]);
  }
  return shape;
}

size_t bytesOf(const std::vector<int64_t>& shape, int type) {
  size_t bytes = type == kUint8 ? 1 : 4;
  for (const int64_t size : shape) bytes *= static_cast<size_t>(size);
  return bytes;
}

/** emptyTensor(type, shape): one that `writeTensor` fills before it is fed. */
napi_value emptyTensor(napi_env env, napi_callback_info info) {
  const auto given = argumentsOf<2>(env, info);
  int32_t type = 0;
  napi_get_value_int32(env, given[0], &type);
  const std::vector<int64_t> shape = shapeOf(env, given[1]);
  TF_Tensor* tensor = tf.TF_AllocateTensor(type, shape.data(), static_cast<int>(shape.size()), bytesOf(shape, type));
  if (tensor == nullptr) return fail(env, "OOM: there is no memory for a tensor.");
  return external(env, new Held{tensor});
}

/** writeTensor(tensor, offset, values): copies the values to `offset`, in bytes. */
napi_value writeTensor(napi_env env, napi_callback_info info) {
  const auto given = argumentsOf<3>(env, info);
  const Held* held = externalOf<Held>(env, given[0]);
  int64_t offset = -1;
  napi_get_value_int64(env, given[1], &offset);
  const Bytes values = bytesOf(env, given[2]);
  if (held == nullptr || held->tensor == nullptr) return fail(env, "There is no tensor to write into.");
  const size_t size = tf.TF_TensorByteSize(held->tensor), from = static_cast<size_t>(offset);
  if (offset < 0 || from > size || values.size > size - from) return fail(env, "The values do not fit into the tensor.");
  if (values.size > 0) std::memcpy(static_cast<char*>(tf.TF_TensorData(held->tensor)) + from, values.data, values.size);
  return nullptr;
}

/**
 * tensorOf(type, shape, values, folder): a copy of the values. It can be fed until it is released. With a folder, the copy is
 * a file there that is mapped into memory: nothing may write into such a tensor.
 */
napi_value tensorOf(napi_env env, napi_callback_info info) {
  const auto given = argumentsOf<4>(env, info);
  int32_t type = 0;
  napi_get_value_int32(env, given[0], &type);
  const std::vector<int64_t> shape = shapeOf(env, given[1]);
  const int rank = static_cast<int>(shape.size());
  const Bytes values = bytesOf(env, given[2]);
  if (values.size != bytesOf(shape, type))
    return fail(env, "An array does not have the size of its shape.");
  napi_valuetype kind = napi_undefined;
  napi_typeof(env, given[3], &kind);
  if (kind == napi_string && values.size > 0) {
    size_t length = 0;
    napi_get_value_string_utf8(env, given[3], nullptr, 0, &length);
    std::string folder(length, 0);
    napi_get_value_string_utf8(env, given[3], folder.data(), length + 1, &length);
    void* data = copyOnDisk(values, folder + "/atelier-weights-XXXXXX");
    if (data == nullptr) return fail(env, errno == ENOSPC || errno == EDQUOT ? "ENOSPC" : std::strerror(errno));
    const auto unmap = [](void* mapped, size_t size, void*) { munmap(mapped, size); };
    TF_Tensor* mapped =
        tf.TF_NewTensor(type, shape.data(), rank, data, values.size, unmap, nullptr);
    if (mapped == nullptr) return fail(env, "OOM: there is no memory for a tensor.");
    return external(env, new Held{mapped});
  }
  TF_Tensor* tensor = tf.TF_AllocateTensor(type, shape.data(), rank, values.size);
  if (tensor == nullptr) return fail(env, "OOM: there is no memory for a tensor.");
  if (values.size > 0) std::memcpy(tf.TF_TensorData(tensor), values.data, values.size);
  return external(env, new Held{tensor});
}

/** releaseTensor(tensor): sooner than JavaScript's memory would be tidied up. */
napi_value releaseTensor(napi_env env, napi_callback_info info) {
  Held* held = externalOf<Held>(env, argumentsOf<1>(env, info)[0]);
  if (held != nullptr && held->tensor != nullptr) {
    tf.TF_DeleteTensor(held->tensor);
    held->tensor = nullptr;
  }
  return nullptr;
}

/** A float32 or int32 array with a tensor's values, or null for any other type. */
napi_value arrayOf(napi_env env, const TF_Tensor* tensor) {
  const int type = tf.TF_TensorType(tensor);
  napi_value array = nullptr;
  if (type != kFloat && type != kInt32) {
    napi_get_null(env, &array);
    return array;
  }
  const size_t size = tf.TF_TensorByteSize(tensor);
  void* data = nullptr;
  napi_value buffer = nullptr;
  napi_create_arraybuffer(env, size, &data, &buffer);
  if (size > 0) std::memcpy(data, tf.TF_TensorData(tensor), size);
  napi_create_typedarray(env, type == kFloat ? napi_float32_array : napi_int32_array, size / 4, buffer, 0, &array);
  return array;
}

/** runSession(session, names, tensors, fetches): the fetched values. */
napi_value runSession(napi_env env, napi_callback_info info) {
  const auto given = argumentsOf<4>(env, info);
  const auto* session = externalOf<std::shared_ptr<Session>>(env, given[0]);
  if (session == nullptr || *session == nullptr) return fail(env, "The session is closed.");
  const auto names = stringsOf(env, given[1]), fetches = stringsOf(env, given[3]);
  std::vector<TF_Tensor*> feeds(names.size());
  for (size_t i = 0; i < names.size(); i++) {
    napi_value value = nullptr;
    napi_get_element(env, given[2], static_cast<uint32_t>(i), &value);
    const Held* held = externalOf<Held>(env, value);
    if (held == nullptr || held->tensor == nullptr) return fail(env, "A tensor that is fed was released.");
    feeds[i] = held->tensor;
  }
  std::vector<TF_Tensor*> fetched(fetches.size(), nullptr);
  auto feedNames = pointersOf(names), fetchNames = pointersOf(fetches);
  Status status;
  (*session)->takeTurn(fetches);
  tf.TF_Run((*session)->get(), nullptr, feedNames.data(), feeds.data(), static_cast<int>(feeds.size()),
            fetchNames.data(), fetched.data(), static_cast<int>(fetched.size()), nullptr, 0, nullptr, status);
  napi_value results = nullptr;
  if (status.ok()) {
    napi_create_array_with_length(env, fetched.size(), &results);
    for (size_t i = 0; i < fetched.size(); i++)
      napi_set_element(env, results, static_cast<uint32_t>(i), arrayOf(env, fetched[i]));
  }
  for (auto* tensor : fetched)
    if (tensor != nullptr) tf.TF_DeleteTensor(tensor);
  return status.ok() ? results : fail(env, status.message());
}

/** prepareSession(session, calls): beside JavaScript; each call is a list of what is fed and a list of what is fetched. */
napi_value prepareSession(napi_env env, napi_callback_info info) {
  const auto given = argumentsOf<2>(env, info);
  const auto* session = externalOf<std::shared_ptr<Session>>(env, given[0]);
  if (session == nullptr || *session == nullptr) return fail(env, "The session is closed.");
  uint32_t count = 0;
  napi_get_array_length(env, given[1], &count);
  std::vector<Call> calls;
  for (uint32_t i = 0; i < count; i++) {
    napi_value pair = nullptr, names = nullptr, fetches = nullptr;
    napi_get_element(env, given[1], i, &pair);
    napi_get_element(env, pair, 0, &names);
    napi_get_element(env, pair, 1, &fetches);
    Call call{stringsOf(env, names), stringsOf(env, fetches)};
    // Without feeds, a call would be made.
    if (!call.names.empty() && !call.fetches.empty()) calls.push_back(std::move(call));
  }
  (*session)->prepare(std::move(calls));
  return nullptr;
}

/** pendingCalls(session): how many of them are not prepared yet. */
napi_value pendingCalls(napi_env env, napi_callback_info info) {
  const auto* session = externalOf<std::shared_ptr<Session>>(env, argumentsOf<1>(env, info)[0]);
  napi_value count = nullptr;
  const bool open = session != nullptr && *session != nullptr;
  napi_create_uint32(env, open ? static_cast<uint32_t>((*session)->pending()) : 0, &count);
  return count;
}

napi_value closeSession(napi_env env, napi_callback_info info) {
  auto* session = externalOf<std::shared_ptr<Session>>(env, argumentsOf<1>(env, info)[0]);
  if (session == nullptr || *session == nullptr) return nullptr;
  (*session)->close();
  session->reset();
  return nullptr;
}

}  // namespace

void addSessions(napi_env env, napi_value exports) {
  const std::pair<const char*, napi_callback> functions[] = {
      {"opensSessions", opensSessions}, {"openSession", openSession},       {"tensorOf", tensorOf},
      {"emptyTensor", emptyTensor},     {"writeTensor", writeTensor},
      {"releaseTensor", releaseTensor}, {"runSession", runSession},         {"prepareSession", prepareSession},
      {"pendingCalls", pendingCalls},   {"closeSession", closeSession},     {"extendSession", extendSession}};
  for (const auto& [name, callback] : functions) {
    napi_value function = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
    napi_set_named_property(env, exports, name, function);
  }
}

}  // namespace atelier
