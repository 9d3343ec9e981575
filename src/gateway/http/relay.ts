import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { BackendResponse } from '../backend/backend';
import { backendDenied } from '../backend/failures';

/** @throws Refused when the registry turned us down, which says nothing about the client */
export function assertOurAnswer({ status, body }: Pick<BackendResponse, 'status' | 'body'>): void {
  if (status !== 401 && status !== 403) return;
  body.destroy();
  throw backendDenied();
}

/** Bytes as they come, no faster than the client takes them; when either side breaks off, so does the other. */
export async function relay(
  response: ServerResponse,
  { status, body }: BackendResponse,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  response.writeHead(status, headers);
  await pipeline(body, response);
}
