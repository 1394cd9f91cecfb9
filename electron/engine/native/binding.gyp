# Our own ops for TensorFlow (docs/decisions/0018-op-of-our-own.md). It needs no header and no library of TensorFlow: what it calls
# is looked up in the library that the engine has loaded.
{
  'targets': [
    {
      'target_name': 'atelier_ops',
      'sources': ['addon.cc', 'draw.cc', 'nf4.cc', 'output-product.cc', 'scores.cc', 'session.cc'],
      'defines': ['NAPI_VERSION=8'],
      'cflags_cc!': ['-fno-exceptions', '-std=gnu++17', '-std=gnu++20'],
      'cflags_cc': ['-std=c++17', '-O3', '-fvisibility=hidden', '-Wno-maybe-uninitialized'],
      'libraries': ['-ldl', '-lpthread'],
    },
  ],
}
