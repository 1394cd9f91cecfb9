/** @file Sessions of TensorFlow (session.cc), as functions of the addon. */
#pragma once

#include <node_api.h>

namespace atelier {

/** Adds them to the addon's functions; NativeSessions in runtime/native-api.ts says what they take. */
void addSessions(napi_env env, napi_value exports);

}  // namespace atelier
