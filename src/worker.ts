/** A worker of the App: does jobs from Redis, on any number of machines. */
import { accountOf } from './app/account.ts';
import { fail, loadEnvironment, onStop } from './app/environment.ts';
import { logger } from './app/log.ts';
import { startService } from './app/service.ts';
import { readAppSettings } from './app/settings.ts';
import { UserError } from './errors.ts';

async function start(): Promise<void> {
  loadEnvironment();
  const settings = readAppSettings(process.env);
  if (settings === null)
    throw new UserError('APP_ID and PRIVATE_KEY are not set; the App itself registers them, see docs/app.md');
  if (settings.redisUrl === undefined)
    throw new UserError('REDIS_URL is not set: without Redis the App does its jobs itself');
  const log = logger(process.env.LOG_LEVEL ?? 'info');
  const service = await startService({ settings, account: accountOf(settings, log), log, isWorker: true });
  log.info('waiting for jobs');
  onStop(() => service.close());
}

start().catch(fail);
