import packageDescription from '../../package.json' with { type: 'json' };

/** How requests name this program. */
export function userAgent(): string {
  return `model-budget/${packageDescription.version}`;
}
