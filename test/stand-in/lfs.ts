// Git LFS: the batch endpoint of the repository, and a storage that knows nothing of GitHub's tokens.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authenticate } from './api.ts';
import type { Reply } from './call.ts';
import type { LfsOptions } from './options.ts';
import { grants } from './permissions.ts';
import type { World } from './state.ts';

const lfsType = 'application/vnd.git-lfs+json';
const documentation = 'https://docs.github.com/repositories/working-with-files/managing-large-files';
const oidPattern = /^[0-9a-f]{64}$/;

/** The storage asks for this header, which only the batch answer tells. */
const storageHeader = 'x-stand-in-storage';

export interface PlainRequest {
  readonly method: string;
  /** With everything after the host but the query */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const lfsReply = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  body,
  headers,
  contentType: lfsType,
});

const lfsRefusal = (status: number, message: string, headers?: Readonly<Record<string, string>>): Reply =>
  lfsReply(status, { message, documentation_url: documentation }, headers);

/** The answer if the request is one of Git LFS, else null. */
export function answerLfs(world: World, request: PlainRequest): Reply | null {
  const batch = `/${world.repository}.git/info/lfs/objects/batch`;
  if (request.path.toLowerCase() === batch.toLowerCase()) return answerBatch(world, request);
  const oid = /^\/lfs-storage\/([0-9a-f]{64})$/.exec(request.path)?.[1];
  return oid === undefined ? null : answerStorage(world, request, oid);
}

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

function answerBatch(world: World, request: PlainRequest): Reply {
  const refused = refusedBatch(world, request);
  if (refused !== null) return refused;
  const { operation, objects, transfers, hash_algo } = JSON.parse(request.body.toString()) as BatchBody;
  if ((operation !== 'download' && operation !== 'upload') || objects === undefined) {
    return lfsRefusal(422, 'Only downloads and uploads are offered.');
  }
  if (operation === 'upload' && !mayPush(world, request)) return lfsRefusal(403, 'You must have push access.');
  if (transfers?.includes('basic') === false) return lfsRefusal(422, 'Only the transfer "basic" is offered.');
  if ((hash_algo ?? 'sha256') !== 'sha256') return lfsRefusal(409, 'Only sha256 is offered.');
  const replyTo = operation === 'upload' ? uploadReply : objectReply;
  const asked = objects.map((object) => replyTo(world, object));
  return lfsReply(200, { transfer: 'basic', objects: asked, hash_algo: 'sha256' });
}

interface BatchBody {
  readonly operation?: string;
  readonly objects?: readonly ObjectBody[];
  readonly transfers?: readonly string[];
  readonly hash_algo?: string;
}

interface ObjectBody {
  readonly oid: string;
  readonly size: number;
}

function refusedBatch(world: World, { method, headers }: PlainRequest): Reply | null {
  if (method !== 'POST') return lfsRefusal(404, 'Not Found');
  // The protocol asks for its own media type on both sides.
  if (first(headers.accept)?.startsWith(lfsType) !== true) return lfsRefusal(406, 'Not Acceptable');
  if (first(headers['content-type'])?.startsWith(lfsType) !== true) return lfsRefusal(415, 'Unsupported Media Type');
  const { token, rejected } = authenticate(world, first(headers.authorization));
  const challenge = { 'lfs-authenticate': 'Basic realm="GitHub"' };
  if (rejected || (token === null && world.isPrivate)) return lfsRefusal(401, 'Credentials needed', challenge);
  const reads = token?.kind !== 'app' && token !== null && grants(token.permissions, ['contents', 'read']);
  if (world.isPrivate && !reads) return lfsRefusal(403, 'Resource not accessible by integration');
  return refusedByOptions(world.lfs);
}

function mayPush(world: World, { headers }: PlainRequest): boolean {
  const { token } = authenticate(world, first(headers.authorization));
  return token !== null && token.kind !== 'app' && grants(token.permissions, ['contents', 'write']);
}

function refusedByOptions(lfs: LfsOptions | null): Reply | null {
  if (lfs === null) return lfsRefusal(404, 'Git LFS is disabled for this repository.');
  if (lfs.refuses === 'quota') {
    const advice = 'Account responsible for LFS bandwidth should purchase more data packs to restore access.';
    return lfsRefusal(403, `This repository is over its data quota. ${advice}`);
  }
  return lfs.refuses === 'rate' ? lfsRefusal(429, 'Rate limit exceeded', { 'retry-after': '1' }) : null;
}

const secretOf = (oid: string) => createHash('sha256').update(`storage ${oid}`).digest('hex');

function objectReply(world: World, { oid, size }: ObjectBody): unknown {
  const refused = (code: number, message: string) => ({ oid, size, error: { code, message } });
  if (!oidPattern.test(oid)) return refused(422, 'Invalid object id');
  const path = join(world.lfs!.folder, oid);
  if (!existsSync(path)) return refused(404, 'Object does not exist on the server');
  if (statSync(path).size !== size) return refused(422, 'Object has another size');
  const href = `${world.serverUrl}/lfs-storage/${oid}`;
  const download = { href, header: { [storageHeader]: secretOf(oid) }, expires_in: 3600 };
  return { oid, size, authenticated: true, actions: { download } };
}

/** No actions for what is there already: then nothing is sent. */
function uploadReply(world: World, { oid, size }: ObjectBody): unknown {
  if (existsSync(join(world.lfs!.folder, oid))) return { oid, size };
  const href = `${world.serverUrl}/lfs-storage/${oid}`;
  const upload = { href, header: { [storageHeader]: secretOf(oid) }, expires_in: 3600 };
  return { oid, size, authenticated: true, actions: { upload } };
}

const plain = (status: number, text: string): Reply => ({
  status,
  bytes: Buffer.from(text),
  contentType: 'text/plain',
});

function answerStorage(world: World, request: PlainRequest, oid: string): Reply {
  const { method, headers } = request;
  if (!['GET', 'PUT'].includes(method) || world.lfs === null) return plain(404, 'NoSuchKey');
  if (first(headers[storageHeader]) !== secretOf(oid)) return plain(403, 'AccessDenied');
  // As storages do: a token that is not theirs is no credential, but a second one.
  if (headers.authorization !== undefined) return plain(400, 'Only one auth mechanism allowed');
  const path = join(world.lfs.folder, oid);
  return method === 'PUT' ? answerUpload(request, { path, oid }) : answerDownload(request, path);
}

function answerUpload({ body }: PlainRequest, { path, oid }: { readonly path: string; readonly oid: string }): Reply {
  if (createHash('sha256').update(body).digest('hex') !== oid) return plain(400, 'BadDigest');
  writeFileSync(path, body);
  return { status: 200 };
}

function answerDownload({ headers }: PlainRequest, path: string): Reply {
  if (!existsSync(path)) return plain(404, 'NoSuchKey');
  const bytes = readFileSync(path);
  const range = /^bytes=(\d+)-(\d*)$/.exec(first(headers.range) ?? '');
  const contentType = 'application/octet-stream';
  if (range === null) return { status: 200, bytes, contentType };
  const [from, to] = [Number(range[1]), range[2] === '' ? bytes.length - 1 : Number(range[2])];
  const part = bytes.subarray(from, to + 1);
  const shown = `bytes ${from}-${from + part.length - 1}/${bytes.length}`;
  return { status: 206, bytes: part, contentType, headers: { 'content-range': shown } };
}
