import type { ServerResponse } from 'node:http';

export function sendList(response: ServerResponse, body: unknown, link: string | null): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...(link !== null && { link }),
  });
  response.end(bytes);
}
