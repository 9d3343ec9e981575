import { freePorts, type PortUse } from '../process/ports';
import type { PartName } from './parts';

/** Default ports; all of them move by PLURA_PORT_OFFSET. */
const DEFAULT_PORTS = {
  api: 8700,
  target: 8710,
  issuer: 8720,
  'worker-release': 8730,
  'worker-control': 8731,
  temporal: 7233,
  'temporal-ui': 8233,
  /** The gateway's: what people and all parts speak to. */
  registry: 5080,
  'registry-backend': 5081,
  /** Reviews, with TLS; health and metrics without it. */
  admission: 9443,
  'admission-operations': 9444,
  postgres: 5480,
  rekor: 3080,
  'rekor-grpc': 3081,
  'rekor-metrics': 3082,
  prometheus: 9080,
} as const;

export type PortName = keyof typeof DEFAULT_PORTS;
export type Ports = Readonly<Record<PortName, number>>;

const PORT_NAMES = Object.keys(DEFAULT_PORTS) as readonly PortName[];

/** Which part opens a port. */
function partOf(name: PortName): PartName {
  if (name === 'temporal-ui') {
    return 'temporal';
  }
  if (name === 'registry') {
    return 'gateway';
  }
  if (name === 'admission-operations') {
    return 'admission';
  }
  if (name === 'registry-backend') {
    return 'registry';
  }
  return name === 'rekor-grpc' || name === 'rekor-metrics' ? 'rekor' : name;
}

export function portsByDefault(offset = 0): Ports {
  const moved = PORT_NAMES.map((name) => [name, DEFAULT_PORTS[name] + offset] as const);
  return Object.fromEntries(moved) as Ports;
}

/** Ports that nobody uses now, for tests beside a running stack. */
export async function portsThatAreFree(): Promise<Ports> {
  const free = await freePorts(PORT_NAMES.length);
  return Object.fromEntries(PORT_NAMES.map((name, index) => [name, free[index]])) as Ports;
}

export function portsOf(ports: Ports, parts: readonly PartName[]): readonly PortUse[] {
  return PORT_NAMES.filter((name) => parts.includes(partOf(name))).map((name) => ({
    part: partOf(name),
    port: ports[name],
  }));
}
