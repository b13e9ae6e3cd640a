/** What outlives a job: pictures, report pages and cached results, in a folder, in Redis or in S3. */
import { createStorage, type Driver, type Storage } from 'unstorage';
import { UserError } from '../errors.ts';

const open = new Map<string, Promise<Storage>>();

/** One connection for each thread, and for the process itself. @throws UserError for an address of no kind that is known. */
function storageAt(address: string): Promise<Storage> {
  const storage = open.get(address) ?? driverOf(address).then((driver) => createStorage({ driver }));
  open.set(address, storage);
  return storage;
}

/** Null: there is nothing under this key. */
export async function readBytes(address: string, key: string): Promise<Buffer | null> {
  // Drivers give what their clients give them.
  const found: unknown = await (await storageAt(address)).getItemRaw(key);
  if (found instanceof Uint8Array) return Buffer.from(found.buffer, found.byteOffset, found.byteLength);
  return found instanceof ArrayBuffer ? Buffer.from(found) : null;
}

export async function writeBytes(address: string, key: string, bytes: Uint8Array): Promise<void> {
  await (await storageAt(address)).setItemRaw(key, Buffer.from(bytes));
}

const keptDays = { results: 30, pages: 180 } as const;
const millisecondsPerDay = 86_400_000;

/**
 * Results that nobody has made anew for a month go from a folder, and pages after half a year, as in Redis, which forgets by
 * itself; a bucket has rules of its own.
 */
export async function forgetOldResults(address: string, now: number): Promise<void> {
  if (!address.startsWith('file:')) return;
  const storage = await storageAt(address);
  for (const [kind, days] of Object.entries(keptDays)) {
    for (const key of await storage.getKeys(kind)) {
      const { mtime } = await storage.getMeta(key);
      if (mtime instanceof Date && now - mtime.getTime() > days * millisecondsPerDay) await storage.removeItem(key);
    }
  }
}

/** Types of drivers refer to their package in a way that TypeScript does not follow under NodeNext. */
interface Module<Options> {
  readonly default: (options: Options) => Driver;
}

interface Bucket {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Each driver is loaded by who asks for it. */
async function driverOf(address: string): Promise<Driver> {
  if (address.startsWith('file:')) {
    const { default: files }: Module<{ base: string }> = await import('unstorage/drivers/fs-lite');
    return files({ base: address.slice('file:'.length) });
  }
  const url = URL.canParse(address) ? new URL(address) : undefined;
  switch (url?.protocol) {
    case 'redis:':
    case 'rediss:': {
      const { default: redis }: Module<{ url: string; base: string; ttl: number }> =
        await import('unstorage/drivers/redis');
      return redis({ url: address, base: 'model-budget-storage', ttl: keptSeconds });
    }
    case 's3:': {
      const { default: s3 }: Module<Bucket> = await import('unstorage/drivers/s3');
      return s3(bucketOf(url));
    }
    default:
      throw new UserError(`MODEL_BUDGET_STORAGE is "${address}": it must begin with file:, redis:// or s3://`);
  }
}

/** Redis is memory: a comment that nobody has touched for so long shows its charts as text is not lost. */
const keptSeconds = keptDays.pages * 24 * 60 * 60;

/** `s3://bucket?region=eu-central-1&endpoint=https://…`; keys are in the variables that every tool of S3 knows. */
function bucketOf(url: URL): Bucket {
  const region = url.searchParams.get('region') ?? 'us-east-1';
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  if (!accessKeyId || !secretAccessKey) {
    throw new UserError('MODEL_BUDGET_STORAGE is in S3: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set');
  }
  const endpoint = url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`;
  return { bucket: url.hostname, region, endpoint, accessKeyId, secretAccessKey };
}
