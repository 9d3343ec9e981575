import { ReleaseError } from '../../../contract/errors';
import type { Json } from '../../../domain/verdict';
import type { ImageConfig } from '../../../ports/registry';
import type { ProcessUser } from './image-user';
import { seccompProfile } from './seccomp';

export interface BundleInput {
  readonly id: string;
  readonly hostname: string;
  readonly rootfs: string;
  readonly config: ImageConfig;
  readonly user: ProcessUser;
  readonly port: number;
  /** File to show as /etc/hosts. */
  readonly hostsFile: string;
  /** Off where the machine has no usable cgroups. */
  readonly limits: boolean;
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MEMORY_BYTES = 256 * 1024 * 1024;
const CPU_PERIOD_US = 100_000;
const MAX_PROCESSES = 256;
const MAX_OPEN_FILES = 4096;

const READ_ONLY = ['nosuid', 'noexec', 'nodev', 'ro'];
const SCRATCH = ['nosuid', 'noexec', 'nodev', 'mode=1777'];

const MASKED_PATHS = [
  'acpi',
  'asound',
  'kcore',
  'keys',
  'latency_stats',
  'timer_list',
  'timer_stats',
  'sched_debug',
  'scsi',
]
  .map((name) => `/proc/${name}`)
  .concat('/sys/firmware', '/sys/devices/virtual/powercap');
const READONLY_PATHS = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((name) => `/proc/${name}`);

/**
 * A runtime-spec config: read-only root, no capabilities, no new privileges, seccomp allow-list, own process, mount,
 * IPC and host name spaces. The network is the host's, since everything here stays on loopback.
 * Throws ROLLOUT_FAILED when the image has no command.
 */
export function bundleConfig(input: BundleInput): Json {
  const { config } = input;
  const args = [...config.entrypoint, ...config.cmd];
  if (args.length === 0) {
    throw new ReleaseError('ROLLOUT_FAILED', 'the image has neither ENTRYPOINT nor CMD', {
      details: { remedy: 'Add an ENTRYPOINT to the Dockerfile.' },
    });
  }
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: input.user.uid, gid: input.user.gid },
      args,
      env: environment(config.env, input.port),
      cwd: config.workingDir.startsWith('/') ? config.workingDir : '/',
      capabilities: { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: MAX_OPEN_FILES, soft: MAX_OPEN_FILES }],
      noNewPrivileges: true,
    },
    root: { path: input.rootfs, readonly: true },
    hostname: input.hostname,
    mounts: mounts(input.hostsFile),
    linux: {
      ...(input.limits ? { resources: resources(), cgroupsPath: `/plura-target/${input.id}` } : {}),
      namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      seccomp: seccompProfile(),
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
    },
  };
}

/** PORT and HOST win over the image's own, or the router could not find the server, and others could. */
function environment(imageEnv: readonly string[], port: number): readonly string[] {
  const own = imageEnv.filter((line) => !/^(PORT|HOST)=/.test(line));
  const path = own.some((line) => line.startsWith('PATH=')) ? [] : [PATH];
  return [...path, ...own, `PORT=${port}`, 'HOST=127.0.0.1'];
}

function resources(): Json {
  return {
    devices: [{ allow: false, access: 'rwm' }],
    memory: { limit: MEMORY_BYTES },
    cpu: { period: CPU_PERIOD_US, quota: CPU_PERIOD_US },
    pids: { limit: MAX_PROCESSES },
  };
}

function mounts(hostsFile: string): Json {
  const tmpfs = (destination: string, size: string): Json => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: [...SCRATCH, `size=${size}`],
  });
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=64k'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: READ_ONLY },
    tmpfs('/dev/shm', '16m'),
    tmpfs('/tmp', '64m'),
    {
      destination: '/etc/hosts',
      type: 'bind',
      source: hostsFile,
      options: ['bind', ...READ_ONLY],
    },
  ];
}
