// ThreadSanitizer does not know C11 threads, which librdkafka is built on, and
// crashes in the threads that it did not see begin. In its builds the C11
// calls become the POSIX calls that it knows. glibc implements both with the
// same objects.
#if defined(__SANITIZE_THREAD__)

#include <cerrno>
#include <memory>

#include <pthread.h>
#include <threads.h>

namespace {

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t));
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t));

pthread_mutex_t* posix(mtx_t* mutex) {
  return reinterpret_cast<pthread_mutex_t*>(mutex);
}

pthread_cond_t* posix(cnd_t* condition) {
  return reinterpret_cast<pthread_cond_t*>(condition);
}

int status(int error) {
  if (error == 0)
    return thrd_success;
  return error == ETIMEDOUT ? thrd_timedout : thrd_error;
}

struct start {
  thrd_start_t function;
  void* argument;
};

void* run(void* opaque) {
  std::unique_ptr<start> given{static_cast<start*>(opaque)};
  auto function = given->function;
  auto* argument = given->argument;
  given.reset();
  function(argument);
  return nullptr;
}

} // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto given = std::make_unique<start>(start{function, argument});
  auto result = status(pthread_create(thread, nullptr, &run, given.get()));
  if (result == thrd_success)
    static_cast<void>(given.release());
  return result;
}

int thrd_join(thrd_t thread, int* result) {
  if (result)
    *result = 0;
  return status(pthread_join(thread, nullptr));
}

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0)
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  auto result = status(pthread_mutex_init(posix(mutex), &attributes));
  pthread_mutexattr_destroy(&attributes);
  return result;
}

int mtx_lock(mtx_t* mutex) { return status(pthread_mutex_lock(posix(mutex))); }

int mtx_trylock(mtx_t* mutex) {
  return pthread_mutex_trylock(posix(mutex)) == 0 ? thrd_success : thrd_busy;
}

int mtx_unlock(mtx_t* mutex) {
  return status(pthread_mutex_unlock(posix(mutex)));
}

void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(posix(mutex)); }

int cnd_init(cnd_t* condition) {
  return status(pthread_cond_init(posix(condition), nullptr));
}

int cnd_signal(cnd_t* condition) {
  return status(pthread_cond_signal(posix(condition)));
}

int cnd_broadcast(cnd_t* condition) {
  return status(pthread_cond_broadcast(posix(condition)));
}

int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return status(pthread_cond_wait(posix(condition), posix(mutex)));
}

int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return status(pthread_cond_timedwait(posix(condition), posix(mutex), until));
}

void cnd_destroy(cnd_t* condition) { pthread_cond_destroy(posix(condition)); }

} // extern "C"

#endif
