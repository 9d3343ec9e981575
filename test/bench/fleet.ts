import type { Benchmark } from './benchmark';
export const fleet: Benchmark = () => Promise.reject(new Error('not yet'));
