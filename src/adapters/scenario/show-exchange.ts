import type { ScenarioAnswer } from '../../domain/scenario-answer';
import { looksSecret } from '../../domain/scenario-secrets';
import type { ScenarioExchange } from '../../ports/scenarios';
import { HIDDEN } from './hide-named';
import type { Redactor } from './redactor';
import type { SentRequest } from './send';

const MAX_URL = 300;
const MAX_HEADERS = 10;
const MAX_HEADER = 100;
const MAX_BODY = 500;

/** What a failed step keeps: enough to see what happened, not enough to fill a history, and no secret. */
export function showExchange(
  request: SentRequest,
  answer: ScenarioAnswer | null,
  redactor: Redactor,
): ScenarioExchange {
  const { origin, pathname, search } = request.url;
  return {
    request: {
      method: request.method,
      url: redactor.text(`${origin}${pathname}${search}`, MAX_URL),
      headers: showHeaders(Object.entries(request.headers), redactor),
      body: redactor.start(request.body ?? '', false, MAX_BODY),
    },
    answer: answer && {
      status: answer.status,
      headers: showHeaders([...answer.headers], redactor),
      body: redactor.start(answer.body, answer.cut, MAX_BODY),
    },
  };
}

function showHeaders(
  headers: readonly (readonly [string, string])[],
  redactor: Redactor,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    headers
      .slice(0, MAX_HEADERS)
      .map(([name, value]): [string, string] => [
        redactor.text(name, MAX_HEADER),
        looksSecret(name) ? HIDDEN : redactor.text(value, MAX_HEADER),
      ]),
  );
}
