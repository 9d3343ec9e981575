import { z } from 'zod';

/** Scheme, host and port: the paths of a registry begin with /v2/. */
export const Origin = z
  .url({ protocol: /^https?$/ })
  .refine((url) => ['', '/'].includes(new URL(url).pathname + new URL(url).search), {
    message: 'must be scheme, host and port alone',
  })
  .transform((url) => new URL(url).origin);

/** The longest path that the address of a Unix socket holds (unix(7): 108 bytes with the zero at its end). */
const MAX_SOCKET_PATH = 107;

const UnixUrl = z
  .string()
  .regex(/^unix:(\/\/)?\/(?!\/)[^\0]+$/, 'must be unix:///path/to/the.sock')
  .refine((url) => Buffer.byteLength(url.replace(/^unix:(\/\/)?/, '')) <= MAX_SOCKET_PATH, {
    message: `must name a path of ${MAX_SOCKET_PATH} bytes at most`,
  });

/** The registry behind the gateway: `http(s)://host[:port]`, or `unix:///path` for one on this machine. */
export const BackendUrl = z.string().transform((url, context) => {
  const parsed = (url.startsWith('unix:') ? UnixUrl : Origin).safeParse(url);
  if (parsed.success) return parsed.data;
  parsed.error.issues.forEach(({ message }) => {
    context.addIssue(message);
  });
  return z.NEVER;
});
