import type { Json } from '../../../domain/verdict';

/** What servers need of the kernel, by purpose. Everything else answers EPERM: no mounts, modules, keys, ptrace, bpf. */
const ALLOWED: Readonly<Record<string, string>> = {
  files: `access close close_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat
    fchown fchownat fcntl fdatasync flock fstat fstatfs fsync ftruncate getcwd getdents getdents64 ioctl lchown link
    linkat lseek lstat mkdir mkdirat newfstatat open openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2
    read readahead readlink readlinkat readv rename renameat renameat2 rmdir sendfile splice stat statfs statx symlink
    symlinkat sync sync_file_range tee truncate umask unlink unlinkat utime utimensat utimes chdir chmod chown
    copy_file_range write writev inotify_add_watch inotify_init inotify_init1 inotify_rm_watch getxattr fgetxattr
    lgetxattr listxattr flistxattr llistxattr memfd_create`,
  memory: `brk madvise mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall munmap membarrier
    pkey_alloc pkey_free pkey_mprotect shmat shmctl shmdt shmget`,
  processes: `arch_prctl capget capset execve execveat exit exit_group fork getegid geteuid getgid getgroups getpgid
    getpgrp getpid getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid kill pidfd_open
    pidfd_send_signal prctl prlimit64 restart_syscall rseq sched_getaffinity sched_getattr sched_getparam
    sched_get_priority_max sched_get_priority_min sched_getscheduler sched_setaffinity sched_setscheduler sched_yield
    seccomp set_robust_list get_robust_list set_thread_area get_thread_area set_tid_address setfsgid setfsuid setgid
    setgroups setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setuid sysinfo tgkill times
    tkill uname vfork wait4 waitid getcpu`,
  signals: `pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
    rt_tgsigqueueinfo sigaltstack signalfd signalfd4`,
  time: `alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer time timer_create
    timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime`,
  waiting: `epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old
    eventfd eventfd2 futex futex_waitv pipe pipe2 poll ppoll pselect6 select semctl semget semop semtimedop`,
  network: `accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg
    sendmsg sendto setsockopt shutdown socketpair getrandom`,
};

const EPERM = 1;
const ENOSYS = 38;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: no raw packets, no vsock, no Bluetooth. */
const SOCKET_FAMILIES = [1, 2, 10, 16];
/** CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}: a container makes no namespaces. */
const NAMESPACE_FLAGS = 0x7e020000;

/** OCI runtime-spec, config-linux.md, "Seccomp". Names the kernel or libseccomp doesn't know are ignored by runc. */
export function seccompProfile(architecture: NodeJS.Architecture = process.arch): Json {
  const names = Object.values(ALLOWED).flatMap((list) => list.split(/\s+/));
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    architectures: architecture === 'arm64' ? ['SCMP_ARCH_AARCH64'] : ['SCMP_ARCH_X86_64'],
    syscalls: [
      { names, action: 'SCMP_ACT_ALLOW' },
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: NAMESPACE_FLAGS, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
      // Its flags lie behind a pointer a filter can't read: ENOSYS makes libc fall back to clone.
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
      ...SOCKET_FAMILIES.map((value) => ({
        names: ['socket'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
      })),
    ],
  };
}
