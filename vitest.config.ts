import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    globalSetup: 'test/built-app.ts',
    // What hangs ends; no test asks for speed. A machine under load needs minutes for what takes seconds.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 180_000 } },
    maxWorkers: 2,
    // Tests that run the built Action wait for most of their time; more at once would fight for the cores.
    maxConcurrency: 3,
    // A room without tests yet is no failure of the rooms that have them.
    passWithNoTests: true,
  },
});
