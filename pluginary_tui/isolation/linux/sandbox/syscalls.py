"""Numbers of the system calls that the filter names, and which of them a plugin may make freely.

Numbers are those of the kernel's own tables: `arch/x86/entry/syscalls/syscall_64.tbl` and, for aarch64 and riscv64,
`include/uapi/asm-generic/unistd.h`. What is in no group below does not exist for a plugin (ENOSYS).
"""

from __future__ import annotations

import sys

if sys.platform != "linux":
    raise ImportError("This is for Linux.")

import functools
import os
from collections.abc import Mapping
from typing import NamedTuple


class Architecture(NamedTuple):
    """A kind of machine, as seccomp sees it."""

    audit: int
    """AUDIT_ARCH_... of <linux/audit.h>."""
    column: int
    """Of the two columns of numbers in _TABLE."""


ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, 0),
    "aarch64": Architecture(0xC00000B7, 1),
    "riscv64": Architecture(0xC00000F3, 1),
}
"""By the machine's name (uname(2)). On others there is no filter."""

_TABLE = """
accept:43:202 accept4:288:242 access:21:-1 add_key:248:217 alarm:37:-1 arch_prctl:158:-1 bind:49:200 bpf:321:280
brk:12:214 cachestat:451 capget:125:90 capset:126:91 chdir:80:49 chmod:90:-1 chown:92:-1 chroot:161:51
clock_getres:229:114 clock_gettime:228:113 clock_nanosleep:230:115 clone:56:220 close:3:57 close_range:436
connect:42:203 copy_file_range:326:285 creat:85:-1 delete_module:176:106 dup:32:23 dup2:33:-1 dup3:292:24
epoll_create:213:-1 epoll_create1:291:20 epoll_ctl:233:21 epoll_pwait:281:22 epoll_pwait2:441 epoll_wait:232:-1
eventfd:284:-1 eventfd2:290:19 execve:59:221 execveat:322:281 exit:60:93 exit_group:231:94 faccessat:269:48
faccessat2:439 fadvise64:221:223 fallocate:285:47 fanotify_init:300:262 fchdir:81:50 fchmod:91:52 fchmodat:268:53
fchmodat2:452 fchown:93:55 fchownat:260:54 fcntl:72:25 fdatasync:75:83 file_setattr:469 finit_module:313:273
flock:73:32 fork:57:-1 fremovexattr:199:16 fsetxattr:190:7 fstat:5:80 fstatfs:138:44 fsync:74:82 ftruncate:77:46
futex:202:98 futex_requeue:456 futex_wait:455 futex_waitv:449 futex_wake:454 futimesat:261:-1 get_mempolicy:239:236
getcpu:309:168 getcwd:79:17 getdents:78:-1 getdents64:217:61 getegid:108:177 geteuid:107:175 getgid:104:176
getgroups:115:158 getitimer:36:102 getpeername:52:205 getpgid:121:155 getpgrp:111:-1 getpid:39:172 getppid:110:173
getpriority:140:141 getrandom:318:278 getresgid:120:150 getresuid:118:148 getrlimit:97:163 getrusage:98:165
getsid:124:156 getsockname:51:204 getsockopt:55:209 gettid:186:178 gettimeofday:96:169 getuid:102:174
init_module:175:105 io_uring_enter:426 io_uring_register:427 io_uring_setup:425 ioctl:16:29 ioprio_get:252:31
ioprio_set:251:30 kcmp:312:272 kexec_load:246:104 keyctl:250:219 kill:62:129 lchown:94:-1 link:86:-1 linkat:265:37
listen:50:201 lremovexattr:198:15 lseek:8:62 lsetxattr:189:6 lstat:6:-1 madvise:28:233 map_shadow_stack:453
mbind:237:235 membarrier:324:283 memfd_create:319:279 migrate_pages:256:238 mincore:27:232 mkdir:83:-1
mkdirat:258:34 mknod:133:-1 mknodat:259:33 mlock:149:228 mlock2:325:284 mlockall:151:230 mmap:9:222 mount:165:40
move_pages:279:239 mprotect:10:226 mq_open:240:180 mq_unlink:241:181 mremap:25:216 mseal:462 msgget:68:186
msync:26:227 munlock:150:229 munlockall:152:231 munmap:11:215 name_to_handle_at:303:-1 nanosleep:35:101
newfstatat:262:79 open:2:-1 open_by_handle_at:304:-1 openat:257:56 pause:34:-1 perf_event_open:298:241
personality:135:92 pidfd_getfd:438 pidfd_open:434 pidfd_send_signal:424 pipe:22:-1 pipe2:293:59 pivot_root:155:41
pkey_alloc:330:289 pkey_free:331:290 pkey_mprotect:329:288 poll:7:-1 ppoll:271:73 prctl:157:167 pread64:17:67
preadv:295:69 preadv2:327:286 prlimit64:302:261 process_madvise:440 process_mrelease:448 process_vm_readv:310:270
process_vm_writev:311:271 pselect6:270:72 ptrace:101:117 pwrite64:18:68 pwritev:296:70 pwritev2:328:287 read:0:63
readahead:187:213 readlink:89:-1 readlinkat:267:78 readv:19:65 reboot:169:142 recvfrom:45:207 recvmmsg:299:243
recvmsg:47:212 remap_file_pages:216:234 removexattr:197:14 removexattrat:466 rename:82:-1 renameat:264:38
renameat2:316:276 request_key:249:218 restart_syscall:219:128 rmdir:84:-1 rseq:334:293 rt_sigaction:13:134
rt_sigpending:127:136 rt_sigprocmask:14:135 rt_sigqueueinfo:129:138 rt_sigreturn:15:139 rt_sigsuspend:130:133
rt_sigtimedwait:128:137 rt_tgsigqueueinfo:297:240 sched_get_priority_max:146:125 sched_get_priority_min:147:126
sched_getaffinity:204:123 sched_getattr:315:275 sched_getparam:143:121 sched_getscheduler:145:120
sched_rr_get_interval:148:127 sched_setaffinity:203:122 sched_setattr:314:274 sched_setparam:142:118
sched_setscheduler:144:119 sched_yield:24:124 seccomp:317:277 select:23:-1 semget:64:190 sendfile:40:71
sendmmsg:307:269 sendmsg:46:211 sendto:44:206 set_mempolicy:238:237 set_robust_list:273:99 set_tid_address:218:96
setgid:106:144 setgroups:116:159 setitimer:38:103 setns:308:268 setpgid:109:154 setpriority:141:140 setregid:114:143
setresgid:119:149 setresuid:117:147 setreuid:113:145 setrlimit:160:164 setsid:112:157 setsockopt:54:208
setuid:105:146 setxattr:188:5 setxattrat:463 shmget:29:194 shutdown:48:210 sigaltstack:131:132 signalfd:282:-1
signalfd4:289:74 socket:41:198 socketpair:53:199 splice:275:76 stat:4:-1 statfs:137:43 statx:332:291 swapon:167:224
symlink:88:-1 symlinkat:266:36 sync_file_range:277:84 sysinfo:99:179 tee:276:77 tgkill:234:131 time:201:-1
timer_create:222:107 timer_delete:226:111 timer_getoverrun:225:109 timer_gettime:224:108 timer_settime:223:110
timerfd_create:283:85 timerfd_gettime:287:87 timerfd_settime:286:86 times:100:153 tkill:200:130 truncate:76:45
umask:95:166 umount2:166:39 uname:63:160 unlink:87:-1 unlinkat:263:35 unshare:272:97 userfaultfd:323:282
utime:132:-1 utimensat:280:88 utimes:235:-1 vfork:58:-1 vmsplice:278:75 wait4:61:260 waitid:247:95 write:1:64
writev:20:66
"""
"""Name, number on x86_64 and number of the generic table (one number where both are the same; -1 for none)."""

ALLOWED = """
    access alarm arch_prctl brk cachestat capget chdir clock_getres clock_gettime clock_nanosleep close
    close_range copy_file_range dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2
    epoll_wait eventfd eventfd2 exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fdatasync fork
    fstat fstatfs fsync ftruncate futex futex_requeue futex_wait futex_waitv futex_wake get_mempolicy getcpu
    getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid
    getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid
    gettimeofday getuid ioprio_get lseek lstat madvise map_shadow_stack mbind membarrier memfd_create mincore
    mlock mlock2 mlockall mmap mprotect mremap mseal msync munlock munlockall munmap nanosleep newfstatat pause
    pidfd_open pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll pread64 preadv preadv2 pselect6 pwrite64
    pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages
    restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait
    sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
    sched_getscheduler sched_rr_get_interval sched_yield select sendfile sendmmsg sendmsg sendto set_mempolicy
    set_robust_list set_tid_address setitimer setpgid setsid shutdown sigaltstack signalfd
    signalfd4 splice stat statfs statx sync_file_range sysinfo tee time timer_create timer_delete
    timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times umask
    uname vfork vmsplice wait4 waitid write writev
"""
"""Calls that reach nothing but what the process has open and what Landlock lets it open.

Names and attributes of files (`stat`, `readlink`) stay visible: no layer hides them.
"""

OPENS = "open openat creat"
CHANGES = "unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir symlink symlinkat link linkat"
"""Calls that Landlock judges: allowed in the throw-away folder."""

NODES = "truncate mknod mknodat"
"""Calls on paths that no plugin needs: with devices of its own, root could read every disk."""

METADATA = (
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat setxattr lsetxattr "
    "fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat file_setattr"
)
"""Calls that Landlock does not judge; on a file that is only open for reading they change it all the same."""

EXECUTES = "execve execveat"
SIGNALS = "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal"
THREADS = "sched_setaffinity sched_setscheduler sched_setparam sched_setattr"
"""Calls about a thread, whose number is the first argument; 0 is the caller."""

REACHING = {
    "ptrace": "debug a program",
    "process_vm_readv": "read another program's memory",
    "process_vm_writev": "change another program's memory",
    "process_madvise": "change another program's memory",
    "pidfd_getfd": "take a file that another program has open",
    "kcmp": "look into another program",
    "bpf": "load code into the kernel",
    "init_module": "load code into the kernel",
    "finit_module": "load code into the kernel",
    "delete_module": "remove code from the kernel",
    "kexec_load": "start another kernel",
    "reboot": "restart the computer",
    "io_uring_setup": "talk to the kernel past its checks (io_uring)",
    "io_uring_enter": "talk to the kernel past its checks (io_uring)",
    "io_uring_register": "talk to the kernel past its checks (io_uring)",
    "userfaultfd": "watch memory faults (userfaultfd)",
    "perf_event_open": "measure other programs (perf)",
    "add_key": "use the kernel's store of keys",
    "request_key": "use the kernel's store of keys",
    "keyctl": "use the kernel's store of keys",
    "mount": "mount a file system",
    "umount2": "unmount a file system",
    "pivot_root": "change the root folder",
    "chroot": "change the root folder",
    "unshare": "enter a namespace of its own",
    "setns": "enter a namespace of another program",
    "name_to_handle_at": "open files by their number",
    "open_by_handle_at": "open files by their number",
    "fanotify_init": "watch the files of other programs",
    "swapon": "change the swap space",
    "mq_open": "share messages with other programs",
    "mq_unlink": "share messages with other programs",
    "shmget": "share memory with other programs",
    "msgget": "share messages with other programs",
    "semget": "share semaphores with other programs",
}
"""Calls that reach for other programs or for the kernel, and what they are for, after "wanted to"."""

REFUSED = (
    "setuid setgid setreuid setregid setresuid setresgid setgroups capset seccomp connect bind listen accept accept4 "
    "process_mrelease migrate_pages move_pages"
)
"""Calls that fail with EPERM and are not worth a word: what they need is refused before."""


@functools.cache
def names(machine: str) -> Mapping[int, str]:
    """Name of each call by its number; read from the table once, since every job's attempts need it."""
    return {number: name for name, number in numbers(machine).items()}


def numbers(machine: str) -> dict[str, int]:
    """Number of each call by its name, without those that the machine lacks. KeyError for an unknown machine."""
    column = ARCHITECTURES[machine].column
    table = {}
    for item in _TABLE.split():
        name, *found = item.split(":")
        number = int(found[column if len(found) > 1 else 0])
        if number >= 0:
            table[name] = number
    return table


@functools.cache
def machine() -> str:
    """The machine's name (uname(2)) as ARCHITECTURES has it."""
    return os.uname().machine
