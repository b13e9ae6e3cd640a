/** The situations that a reader meets, each as a small report. */
import type { Report } from '../../src/report/report.ts';
import { modelCases } from './model-cases.ts';
import { verdictCases } from './verdict-cases.ts';

export const reports: Readonly<Record<string, Report>> = { ...verdictCases, ...modelCases };
