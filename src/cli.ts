#!/usr/bin/env node
/** The command line. */
import { run } from './cli/run.ts';

// All output is synchronous, so nothing is cut off; taking the heap apart first would cost as much as a small review.
process.exit(await run(process.argv.slice(2)));
