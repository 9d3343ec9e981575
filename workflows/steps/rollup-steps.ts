import { workflowInfo } from '@temporalio/workflow';
import type { StartedRebuild } from '../../activities/rollup-start';
import type { RollupTask } from '../../src/domain/rollup/report';
import { askedBy } from '../../src/domain/rollup';
import { isUnderWay } from '../../src/domain/rollup/next-step';
import { settle } from '../../src/domain/rollup/settle';
import { assignWaves } from '../../src/domain/rollup/waves';
import { attempt } from './attempt';
import { change, changeTasks, nowIso, save, type RollupRun } from './rollup-run';

const isEmergency = ({ input }: RollupRun): boolean => input.cause.kind === 'emergency';

/** A vendor that is away holds nobody up: what was imported before may be newer than what services stand on. */
export async function importBases(run: RollupRun): Promise<void> {
  const tried = await attempt(() =>
    run.imports.importNewestBases.executeWithOptions({ summary: 'newest bases of the vendors' }, [
      { by: askedBy(run.input.cause) },
    ]),
  );
  const notes =
    tried.stopped === null
      ? tried.value.map(({ family, text }) => `${family}: ${text}`)
      : [`bases could not be imported: ${tried.stopped}`];
  change(run, { notes: [...run.report.notes, ...notes] });
}

export async function plan(run: RollupRun): Promise<void> {
  const { only, settings } = run.input;
  const { startedAt: at } = run.report;
  const planned = await run.quick.planRollup.executeWithOptions(
    { summary: 'services on older bases' },
    [{ only, settings, always: isEmergency(run), at }],
  );
  const { tasks, waves } = assignWaves(planned.tasks, settings.waves);
  const notes = [...run.report.notes, ...planned.notes];
  change(run, { tasks, waves, notes, current: planned.current });
}

/** What is under way, and whether what was released is still there. */
export async function look(run: RollupRun): Promise<void> {
  run.nudged = false;
  const watched = run.report.tasks.filter((task) => isUnderWay(task) || task.state === 'released');
  if (watched.length === 0) return;
  const tasks = watched.map(({ svc, releaseId, digest, state }) => ({
    ...{ svc, releaseId, digest, state },
  }));
  const summary = `${tasks.length} rebuilds: how far`;
  const seen = await run.quick.lookAtRebuilds.executeWithOptions({ summary }, [{ tasks }]);
  const { maxAttempts } = run.input.settings;
  const sights = new Map(seen.map((one) => [one.svc, one]));
  changeTasks(run, (task) => {
    const sight = sights.get(task.svc);
    if (!sight || sight.releaseId !== task.releaseId) return null;
    const { state, reason } = settle(task, sight, maxAttempts);
    if (state === task.state && reason === task.reason) return null;
    if (state === 'waiting') return { state, reason, releaseId: null, version: null };
    const isOver = !isUnderWay({ state });
    return {
      ...{ state, reason: reason === '' ? sight.note : reason },
      rebuilt: sight.digest,
      ...(isOver && task.state !== 'released' && { endedAt: nowIso(), fixed: sight.fixed }),
    };
  });
}

export async function start(run: RollupRun, services: readonly string[]): Promise<void> {
  const tasks = services.flatMap((svc) => run.report.tasks.find((task) => task.svc === svc) ?? []);
  const { settings } = run.input;
  const started = await run.quick.startRebuilds.executeWithOptions(
    { summary: `rebuild ${services.join(', ')}`.slice(0, 200) },
    [
      {
        ...{ rollup: workflowInfo().workflowId, tasks, settings },
        ...{ always: isEmergency(run), at: run.report.startedAt },
        by: askedBy(run.input.cause),
      },
    ],
  );
  const answers = new Map(started.map((one) => [one.svc, one]));
  changeTasks(run, (task) => {
    const answer = answers.get(task.svc);
    return answer ? afterStart(run, task, answer) : null;
  });
  if (isEmergency(run)) await tellDelays(run, tasks, started);
}

/** An advisory that can't wait, and has to: people are told at once, once a service, since only they can end what is in the way. */
async function tellDelays(
  run: RollupRun,
  tasks: readonly RollupTask[],
  started: readonly StartedRebuild[],
): Promise<void> {
  for (const answer of started) {
    const isFirst = tasks.some(({ svc, retryAt }) => svc === answer.svc && retryAt === null);
    if (answer.kind !== 'not-now' || !isFirst) continue;
    const { id } = run.report;
    const title = `${answer.svc}: its emergency rebuild waits`;
    const text = `${answer.why}. It is tried again until the rollup ends: plura reg rollup status ${id}`;
    const note = { id: `rollup/${id}/${answer.svc}`, severity: 'critical', title, text } as const;
    await attempt(() =>
      run.notes.notify.executeWithOptions({ summary: title }, [{ ...note, svc: answer.svc }]),
    );
  }
}

function afterStart(
  { input }: RollupRun,
  task: RollupTask,
  answer: StartedRebuild,
): Partial<RollupTask> {
  switch (answer.kind) {
    case 'started':
      return {
        ...{ state: 'building', reason: '', retryAt: null },
        attempt: task.attempt + 1,
        startedAt: task.startedAt ?? nowIso(),
      };
    case 'not-now': {
      const retryAt = new Date(Date.now() + input.settings.retryMs).toISOString();
      return { reason: answer.why, retryAt };
    }
    case 'done':
      return {
        ...{ state: 'released', reason: answer.why, endedAt: nowIso() },
        ...{ releaseId: null, version: null, retryAt: null },
      };
    case 'failed':
      return { state: 'failed', reason: answer.why, endedAt: nowIso() };
    case 'replanned': {
      const { digest, source, version, releaseId, moves, state, reason } = answer.task;
      return { digest, source, version, releaseId, moves, state, reason };
    }
  }
}

/** What has not begun is held; when the time is over, what is under way goes on by itself, and nobody waits for it. */
export function hold(
  run: RollupRun,
  because: 'condition' | 'cancelled' | 'time',
  why: string,
): void {
  const endedAt = nowIso();
  changeTasks(run, (task) => {
    if (task.state === 'waiting') {
      const before = task.reason === '' ? '' : `; before that: ${task.reason}`;
      return { state: 'held', reason: `${why}${before}`, retryAt: null, endedAt };
    }
    if (because !== 'time' || !isUnderWay(task)) return null;
    return { state: 'held', reason: `${why}; its release goes on by itself`, endedAt };
  });
  const { stopped, reason } = run.report;
  change(run, {
    paused: false,
    stopped: stopped ?? (because === 'time' ? null : because),
    reason: stopped === null ? why : reason,
  });
}

/** Of a wave in which nothing may be released yet. */
export function swap(
  run: RollupRun,
  { back, forward }: { readonly back: readonly string[]; readonly forward: readonly string[] },
): void {
  const waves = new Map(run.report.tasks.map(({ svc, wave }) => [svc, wave]));
  const pairs = back.flatMap((svc, index) => {
    const other = forward[index] ?? svc;
    return [
      [svc, waves.get(other)],
      [other, waves.get(svc)],
    ] as const;
  });
  const swapped = new Map(pairs);
  changeTasks(run, ({ svc }) => {
    const wave = swapped.get(svc);
    return wave === undefined ? null : { wave };
  });
}

export async function nextWave(run: RollupRun): Promise<void> {
  const at = nowIso();
  const { wave, waves } = run.report;
  change(run, {
    wave: wave + 1,
    soakUntil: null,
    waves: waves.map((one) => {
      if (one.number === wave) return { ...one, endedAt: at };
      return one.number === wave + 1 ? { ...one, startedAt: at } : one;
    }),
  });
  await save(run);
}
