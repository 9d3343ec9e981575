import type { Logger } from 'pino';
import type { FastifyInstance } from 'fastify';
import type { ServerOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AdmissionDependencies } from './dependencies';
import { createLoadGate } from './http/load-gate';
import { createOperationsServer } from './http/operations-server';
import { createReviewServer, type ReviewServer } from './http/review-server';
import type { KeyPair, KeyPairFiles } from './tls/key-pair';
import { watchKeyPair } from './tls/watch-key-pair';

interface AdmissionParts {
  readonly deps: AdmissionDependencies;
  readonly files: KeyPairFiles;
  readonly pair: KeyPair;
  /** PEM of who signs the API server's client certificate; null: anyone who reaches the port may ask. */
  readonly clientCa: string | null;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

/** The webhook: reviews by TLS, health and metrics beside them. Listens to nothing yet. */
export interface Admission {
  readonly reviews: ReviewServer;
  readonly operations: FastifyInstance;
  /** Tells that it is not ready, waits `drainMs` for the last that were sent here, then lets running ones end by their deadline. */
  close(drainMs: number): Promise<void>;
}

export function createAdmission({ deps, files, pair, clientCa, log }: AdmissionParts): Admission {
  const { metrics, standing, settings, now } = deps;
  const tlsOf = ({ cert, key }: KeyPair): ServerOptions => ({
    cert,
    key,
    minVersion: 'TLSv1.2',
    ...(clientCa !== null && { ca: clientCa }),
  });
  let isServing = true;
  const reviews = createReviewServer({
    deps,
    gate: createLoadGate(settings.limits),
    tls: {
      ...tlsOf(pair),
      ...(clientCa !== null && { requestCert: true, rejectUnauthorized: true }),
    },
  });
  const operations = createOperationsServer({ metrics, standing, isServing: () => isServing });
  metrics.certificateExpiry.set(pair.notAfter.getTime() / 1000);
  const watch = watchKeyPair({
    files,
    current: pair,
    log,
    now,
    // Open connections keep what they began with; the next ones get the new pair.
    onChange: (next) => {
      reviews.server.setSecureContext(tlsOf(next));
      metrics.certificateExpiry.set(next.notAfter.getTime() / 1000);
    },
  });
  return {
    reviews,
    operations,
    close: async (drainMs) => {
      isServing = false;
      watch.close();
      await sleep(drainMs);
      // To Node a connection that was opened and not used yet is not idle: one of the API server's would hold up the end.
      const cut = setTimeout(() => {
        reviews.server.closeAllConnections();
      }, settings.deadlineMs);
      await reviews.close();
      clearTimeout(cut);
      await operations.close();
    },
  };
}
