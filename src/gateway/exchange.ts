import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../domain/registry/principal';
import type { Route } from './http/route';

/** One request on its way to an answer. */
export interface Exchange<R extends Route = Route> {
  readonly route: R;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly principal: Principal;
  /** Aborted when the client goes away: everything that was opened for it ends. */
  readonly signal: AbortSignal;
  readonly requestId: string;
}

export type RouteOf<K extends Route['kind']> = Extract<Route, { readonly kind: K }>;

/** Answers, or throws Refused. */
export type Handler<K extends Route['kind'] = Route['kind']> = (
  exchange: Exchange<RouteOf<K>>,
) => Promise<void>;
