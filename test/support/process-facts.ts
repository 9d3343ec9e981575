import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const ESTABLISHED_OR_CLOSING = (state: string): boolean => state !== '0A' && state !== '06';

/** Most resident memory the process ever had, in MB (VmHWM of proc_pid_status(5)): no moment is missed between samples. */
export function peakMemoryMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Seconds of CPU that the process has used (proc_pid_stat(5); the kernel counts in hundredths). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function openLinks(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      // Closed since it was listed.
      return '';
    }
  });
}

/** Files in or below `folder` that the process has open. */
export function openFilesUnder(pid: number, folder: string): number {
  return openLinks(pid).filter((target) => target.startsWith(`${folder}/`)).length;
}

function socketInodes(pid: number): ReadonlySet<string> {
  return new Set(openLinks(pid).flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}

/** Connections the process holds with one end at `port`: the listening one and those the kernel is forgetting are not counted. */
export function connectionsAt(pid: number, port: number): number {
  const own = socketInodes(pid);
  const lines = ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8').trim().split('\n').slice(1),
  );
  return lines.filter((line) => {
    const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
    const isThere = portOf(local) === port || portOf(remote) === port;
    return isThere && ESTABLISHED_OR_CLOSING(state) && own.has(inode);
  }).length;
}
