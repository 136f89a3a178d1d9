// Preloaded into a process under test: the Nth call of a kind on a path that contains a text fails, is cut short, or kills.
// FAULT_CALL  write | sync | rename | remove | any     FAULT_PATH  text that the path contains ("" for all)
// FAULT_AT    which call, counted from 1 (0: none)      FAULT_MODE  fail | short | kill    FAULT_STAYS  1: all later ones too
// FAULT_ERRNO what errno says                            FAULT_COUNTED  file that gets the number of calls when the process ends
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
enum answer { GO_ON, FAIL, SHORTEN };
static atomic_int calls;

static const char *setting(const char *name) {
  const char *value = getenv(name);
  return value ? value : "";
}

__attribute__((destructor)) static void tell_count(void) {
  const char *file = getenv("FAULT_COUNTED");
  if (!file) return;
  char text[32];
  int length = snprintf(text, sizeof text, "%d\n", atomic_load(&calls));
  int fd = REAL(open)(file, O_CREAT | O_WRONLY | O_APPEND, 0600);
  if (fd >= 0) {
    if (REAL(write)(fd, text, length) < 0) _exit(99);
    close(fd);
  }
}

static enum answer at_call(const char *kind, const char *path) {
  const char *wanted = setting("FAULT_CALL");
  if (strcmp(wanted, kind) && strcmp(wanted, "any")) return GO_ON;
  const char *text = setting("FAULT_PATH");
  if (!strstr(path, text)) return GO_ON;
  int now = atomic_fetch_add(&calls, 1) + 1, at = atoi(setting("FAULT_AT"));
  if (at == 0 || now < at || (now > at && strcmp(setting("FAULT_STAYS"), "1"))) return GO_ON;
  const char *mode = setting("FAULT_MODE");
  if (!strcmp(mode, "kill")) kill(getpid(), SIGKILL);
  errno = atoi(setting("FAULT_ERRNO"));
  return strcmp(mode, "short") ? FAIL : SHORTEN;
}

static enum answer at_descriptor(const char *kind, int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  // Pipes and terminals are none of a file system's.
  if (length <= 0 || path[0] != '/' || !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6)) return GO_ON;
  path[length] = 0;
  return at_call(kind, path);
}

#define WRITES(name, arguments, call, shorter)                 \
  ssize_t name arguments {                                     \
    switch (at_descriptor("write", fd)) {                      \
      case FAIL: return -1;                                    \
      case SHORTEN: if (size > 1) { size /= 2; } break;        \
      case GO_ON: break;                                       \
    }                                                          \
    return REAL(name) call;                                    \
  }
WRITES(write, (int fd, const void *bytes, size_t size), (fd, bytes, size), 0)
WRITES(pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at), 0)
WRITES(pwrite64, (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at), 0)
int fsync(int fd) { return at_descriptor("sync", fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return at_descriptor("sync", fd) ? -1 : REAL(fdatasync)(fd); }
int syncfs(int fd) { return at_descriptor("sync", fd) ? -1 : REAL(syncfs)(fd); }
int rename(const char *from, const char *to) { return at_call("rename", to) ? -1 : REAL(rename)(from, to); }
int unlink(const char *path) { return at_call("remove", path) ? -1 : REAL(unlink)(path); }
