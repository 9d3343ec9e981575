/** Where the registry behind the gateway is asked. */
export interface BackendAddress {
  /** Scheme, host and port of its URLs; of a Unix socket a name that only the two of them use. */
  readonly origin: string;
  readonly socketPath: string | null;
}

const UNIX = /^unix:(?:\/\/)?(\/(?!\/).*)$/;

/** `http(s)://host[:port]` or `unix:///path/to/registry.sock`. */
export function backendAddress(url: string): BackendAddress {
  const socketPath = UNIX.exec(url)?.[1];
  return socketPath === undefined
    ? { origin: new URL(url).origin, socketPath: null }
    : { origin: 'http://localhost', socketPath };
}

export function unixUrl(socketPath: string): string {
  return `unix://${socketPath}`;
}
