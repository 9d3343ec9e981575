import { ReleaseError } from '../../contract/errors';
import type { ScenarioStep } from '../../domain/scenario';
import {
  expectedStatuses,
  READ_BODY_BYTES,
  whatIsWrong,
  type Quotes,
  type ScenarioAnswer,
} from '../../domain/scenario-answer';
import { captureFrom, isSecretCapture } from '../../domain/scenario-capture';
import {
  findReferences,
  renderRequest,
  type ScenarioRequest,
} from '../../domain/scenario-template';
import type { ScenarioStepResult } from '../../ports/scenarios';
import type { Redactor } from './redactor';
import { send, type Exchange, type SentRequest } from './send';
import { showExchange } from './show-exchange';

export interface StepRun {
  readonly baseUrl: string;
  readonly step: ScenarioStep;
  /** Gets what the step captures. */
  readonly values: Map<string, string>;
  readonly redactor: Redactor;
  readonly limitMs: number;
  /** Said when nothing came within `limitMs`. */
  readonly lateReason: string;
  readonly signal?: AbortSignal | undefined;
}

const MAX_QUOTE = 120;
const MAX_REASON = 400;

/** Sends one step and compares. Throws only what makes it impossible to send: INVALID_INPUT, or the abort's reason. */
export async function runStep(run: StepRun): Promise<ScenarioStepResult> {
  const { step, redactor, signal } = run;
  signal?.throwIfAborted();
  const target = requestOf(run, renderRequest(step, run.values));
  if (typeof target === 'string') {
    return { name: step.name, ok: false, durationMs: 0, status: null, reason: target };
  }
  const deadline = AbortSignal.timeout(run.limitMs);
  const started = performance.now();
  const took = (): number => Math.round(performance.now() - started);
  try {
    const exchange = await send(target, {
      redirects: step.redirects ?? 0,
      expected: expectedStatuses(step.expect),
      maxBodyBytes: step.expect.maxBodyBytes ?? READ_BODY_BYTES,
      signal: signal ? AbortSignal.any([deadline, signal]) : deadline,
    });
    return judge(run, exchange, took());
  } catch (error) {
    signal?.throwIfAborted();
    const reason = deadline.aborted ? run.lateReason : messageOf(error);
    return {
      name: step.name,
      ok: false,
      durationMs: took(),
      status: null,
      reason: redactor.text(reason, MAX_REASON),
      exchange: showExchange(target, null, redactor),
    };
  }
}

/** The request, or why the values of the variables make none of it. */
function requestOf({ baseUrl, step }: StepRun, rendered: ScenarioRequest): SentRequest | string {
  const base = URL.parse(baseUrl);
  const url = URL.parse(rendered.path, baseUrl);
  // "//host/path" and "http://…" are paths to some, and another host to a URL parser.
  if (!base || !url || !rendered.path.startsWith('/') || url.origin !== base.origin) {
    if (findReferences(step.path).names.length > 0) {
      return 'the values of its variables make no path of this host';
    }
    throw new ReleaseError(
      'INVALID_INPUT',
      `step "${step.name}": "${step.path}" is no path below ${baseUrl}`,
      { details: { remedy: 'Write the path of a scenario step absolute, without a host.' } },
    );
  }
  // Said here without the value: the error of `fetch` would quote it.
  const unfit = Object.entries(rendered.headers).find(
    ([, value]) => !/^[\t -~\x80-\xff]*$/.test(value),
  );
  return unfit
    ? `header ${unfit[0]} would hold what a header can't carry`
    : { method: rendered.method, url, headers: rendered.headers, body: rendered.body };
}

function judge(
  run: StepRun,
  { request, answer }: Exchange,
  durationMs: number,
): ScenarioStepResult {
  const { step, values, redactor } = run;
  // First, so that a wrong answer is shown without what it tells.
  const missing = capture(run, answer);
  const quotes: Quotes = {
    text: (text) => redactor.text(text, MAX_QUOTE),
    body: ({ body, cut }) => redactor.start(body, cut, MAX_QUOTE),
  };
  const wrong = whatIsWrong({ expect: step.expect, values, answer, durationMs, quotes });
  const reason = redactor.text(wrong || missing, MAX_REASON);
  const ok = reason === '';
  return {
    name: step.name,
    ok,
    durationMs,
    status: answer.status,
    reason,
    ...(ok ? {} : { exchange: showExchange(request, answer, redactor) }),
  };
}

/** Takes all that the step captures; says what could not be. */
function capture({ step, values, redactor }: StepRun, answer: ScenarioAnswer): string {
  let missing = '';
  for (const [name, source] of Object.entries(step.capture ?? {})) {
    const captured = captureFrom(source, answer);
    if (!captured.ok) {
      missing ||= `could not capture ${name} (${captured.reason})`;
      continue;
    }
    if (isSecretCapture(name, source)) {
      redactor.add(captured.value);
    }
    values.set(name, captured.value);
  }
  return missing;
}

function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
