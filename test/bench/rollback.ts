import type { Benchmark } from './benchmark';
export const rollback: Benchmark = () => Promise.reject(new Error('not yet'));
