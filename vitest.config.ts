import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    globalSetup: 'test/built-app.ts',
    testTimeout: 120_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // Tests that run the built Action wait for most of their time; more at once would fight for the cores.
    maxConcurrency: 3,
    // A room without tests yet is no failure of the rooms that have them.
    passWithNoTests: true,
  },
});
