/** In place of Jest's own, for tests that share nothing but their server and mostly wait: five at a time, without `beforeEach`. */
export const it = test.concurrent;
