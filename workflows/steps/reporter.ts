import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { addCounts, firstLines } from './report';
import { SEARCH_KEYS } from './search-keys';

interface Reported<Counts> {
  readonly outcome: string | null;
  readonly counts: Counts;
  /** The first few of each, one sentence. */
  readonly found: readonly string[];
  readonly errors: readonly string[];
}

interface Reporting<State> {
  /** Replaced, never changed in place. */
  state: State;
}

interface Reporter<Counts, Report extends Reported<Counts>, State> {
  readonly report: (run: Reporting<State>, over: Partial<Report>) => void;
  readonly count: (run: Reporting<State>, more: Partial<Counts>) => void;
  readonly noteErrors: (run: Reporting<State>, errors: readonly string[]) => void;
  readonly noteFound: (run: Reporting<State>, lines: readonly string[]) => void;
  /** As search attributes; each call is an event of the history. */
  readonly publish: (outcome: Report['outcome']) => void;
}

/**
 * What runs over all that is kept do with their reports.
 * @param stage as search attribute
 * @param describe Markdown for Temporal Web UI
 */
export function reporterOf<
  Counts extends Readonly<Record<keyof Counts | 'errors', number>>,
  Report extends Reported<Counts>,
  State extends { readonly report: Report },
>(stage: string, describe: (report: Report) => string): Reporter<Counts, Report, State> {
  function put(run: Reporting<State>, report: Report): void {
    run.state = { ...run.state, report };
    setCurrentDetails(describe(report));
  }
  return {
    report: (run, over) => {
      put(run, { ...run.state.report, ...over });
    },
    count: (run, more) => {
      const { report } = run.state;
      put(run, { ...report, counts: addCounts<Counts>(report.counts, more) });
    },
    noteErrors: (run, errors) => {
      if (errors.length === 0) return;
      const { report } = run.state;
      const counts = { ...report.counts, errors: report.counts.errors + errors.length };
      put(run, { ...report, counts, errors: firstLines([...report.errors, ...errors]) });
    },
    noteFound: (run, lines) => {
      if (lines.length === 0) return;
      const { report } = run.state;
      put(run, { ...report, found: firstLines([...report.found, ...lines]) });
    },
    publish: (outcome) => {
      upsertSearchAttributes([
        { key: SEARCH_KEYS.stage, value: stage },
        { key: SEARCH_KEYS.verdict, value: outcome },
      ]);
    },
  };
}
