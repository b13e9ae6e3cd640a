import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bareSource, sourceFinder } from '../../src/report/source-line.ts';
import { framesOf } from '../../src/report/stack-trace.ts';
import { scriptTrace } from '../traced-model.ts';
import { hostileText } from './hostile-text.ts';

const torch = '/opt/venv/lib/python3.12/site-packages/torch';

/** As PyTorch 2.15 writes it for a layer of a block in a Sequential of a network. */
const graphTrace = `File "/checkout/detector/detector/models/net.py", line 14, in forward
    x = self.blocks(x)
  File "${torch}/nn/modules/container.py", line 259, in forward
    input = module(input)
  File "/checkout/detector/detector/models/block.py", line 13, in forward
    y = self.conv(x)
  File "${torch}/nn/modules/conv.py", line 565, in forward
    return self._conv_forward(input, self.weight, self.bias)`;

/** The same of a strict export: indented, with carets, from within a lambda. */
const strictTrace = `  File "${torch}/_dynamo/functional_export.py", line 243, in forward
    res = self._export_root(*args, **kwargs)
          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/checkout/detector/detector/models/block.py", line 10, in <lambda>
    self.act = lambda x: torch.clamp(x, 0, 6)
                         ^^^^^^^^^^^^^^^^^^^^
`;

const graph = (trace: string) => framesOf(new Map([['pkg.torch.onnx.stack_trace', trace]]));
const script = (trace: string) => framesOf(new Map([['doc_string', trace]]));
const at = (path: string, line = 12) => [{ path, line }];
const files = (...paths: readonly string[]) => paths.map((path) => ({ path, byteLength: 2000 }));
const find = sourceFinder(files('detector/models/net.py', 'detector/models/block.py', 'export.py'));

describe('the frames of a trace', () => {
  test('are read from the innermost on', () => {
    expect(graph(graphTrace).map(({ path, line }) => [path.split('/').at(-1), line])).toEqual([
      ...[['conv.py', 565] as const, ['block.py', 13] as const],
      ...[['container.py', 259] as const, ['net.py', 14] as const],
    ]);
    expect(find(graph(graphTrace))).toBe('detector/models/block.py:13');
    expect(find(graph(strictTrace))).toBe('detector/models/block.py:10');
  });

  test('of the TorchScript exporter end at the exporter: the script that called it made no layer', () => {
    const own = ['/checkout/detector/detector/models/block.py(13)', '/checkout/detector/detector/models/net.py(14)'];
    expect(find(script(scriptTrace(...own)))).toBe('detector/models/block.py:13');
    expect(find(script(scriptTrace('/checkout/detector/export.py(3)')))).toBe('export.py:3');
    expect(find(script(scriptTrace()))).toBeUndefined();
  });

  test('are those of files alone', () => {
    expect(graph('File "<string>", line 2, in forward\nFile "/tmp/ipykernel_7/12", line 3, in f')).toEqual([]);
    expect(graph('File "a.py", line 0, in f\nFile "a.py", line 1234567890, in f')).toEqual([]);
    expect([...graph(''), ...script('A layer (12): of mine'), ...framesOf(new Map())]).toEqual([]);
  });

  test('are the inner ones of a trace that is too long', () => {
    const long = 'File "/x/outer.py", line 1, in f\n'.repeat(9000) + graphTrace;
    expect(find(graph(long))).toBe('detector/models/block.py:13');
  });

  test('of a hostile trace are read in no time', () => {
    const started = performance.now();
    for (const text of ['\n', ' ', '(', '(1', 'File "', '1(2): ', ' File "a']) {
      graph(text.repeat(1e6));
      script(text.repeat(1e6));
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('the file of a frame', () => {
  test.each([
    ['a name that one file has', '/anywhere/net.py', ['src/net.py'], 'src/net.py:12'],
    ['several files of a name, and folders that tell', '/home/b/a/net.py', ['a/net.py', 'b/net.py'], 'a/net.py:12'],
    ['several files of a name, and no folder that tells', '/x/net.py', ['a/net.py', 'b/net.py'], undefined],
    ['the longest end', '/app/models/net.py', ['net.py', 'src/models/net.py'], 'src/models/net.py:12'],
    ['a whole path before a part of one', '/x/net.py', ['net.py', 'a/net.py'], 'net.py:12'],
    ['no such file', '/x/other.py', ['net.py'], undefined],
    ['another case of letters', '/x/Net.py', ['net.py'], undefined],
    ['Windows', 'C:\\Users\\ada\\detector\\models\\net.py', ['models/net.py', 'b/net.py'], 'models/net.py:12'],
    ['folders up', '/x/scripts/../models/./net.py', ['models/net.py', 'scripts/net.py'], 'models/net.py:12'],
    ['more folders up than there are', '../../../net.py', ['net.py'], 'net.py:12'],
    ['a library', `${torch}/nn/modules/conv.py`, ['models/conv.py'], undefined],
    ['PyTorch from source', '/src/pytorch/torch/nn/modules/conv.py', ['models/conv.py'], undefined],
    ['Python itself', '/usr/lib/python3.12/functools.py', ['functools.py'], undefined],
    ['Python on Windows', 'C:\\Python312\\Lib\\functools.py', ['functools.py'], undefined],
    ['the repository as a library', '/v/site-packages/det/net.py', ['src/det/net.py', 'b/net.py'], 'src/det/net.py:12'],
    ['a folder named like a library', '/checkout/torch/models/net.py', ['models/net.py'], 'models/net.py:12'],
    ['what is no Python', '/x/secrets.yml', ['secrets.yml'], undefined],
  ])('%s', (_, path, paths, source) => {
    expect(sourceFinder(files(...paths))(at(path).filter(() => path.endsWith('.py')))).toBe(source);
  });

  test('has the line: a trace of another version of it leads nowhere', () => {
    expect(sourceFinder([{ path: 'net.py', byteLength: 20 }])(at('/x/net.py', 21))).toBe('net.py:21');
    expect(sourceFinder([{ path: 'net.py', byteLength: 20 }])(at('/x/net.py', 22))).toBeUndefined();
  });

  test('that may be one of several ends the search: its caller made no layer', () => {
    const several = sourceFinder(files('a/block.py', 'b/block.py', 'net.py'));
    expect(several([...at('/x/block.py'), ...at('/x/net.py')])).toBeUndefined();
    expect(several([...at('/x/elsewhere.py'), ...at('/x/net.py')])).toBe('net.py:12');
  });

  test('is one of the head, whatever the trace says', () => {
    const known = ['a/net.py', 'net.py', 'b/c/net.py'];
    fc.assert(
      fc.property(hostileText, fc.constantFrom('/', '\\', '/../', '//'), (text, separator) => {
        const source = sourceFinder(files(...known))(at(`${text}${separator}net.py`));
        expect(source === undefined || known.includes(source.slice(0, -3))).toBe(true);
      }),
    );
    expect(sourceFinder(files('net.py'))(at(`${'a/'.repeat(5000)}net.py`))).toBe('net.py:12');
  });
});

describe('without a repository', () => {
  test('only the name of the file is told', () => {
    expect(bareSource(graph(graphTrace))).toBe('block.py:13');
    expect(bareSource(at('C:\\Users\\ada\\net.py'))).toBe('net.py:12');
    expect(bareSource(at(`${torch}/nn/modules/conv.py`))).toBeUndefined();
  });

  test('it is one visible word without folders', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const source = bareSource(at(`/checkout/${text}.py`));
        expect(source).not.toMatch(/[\n\u202e]|home|ada\//);
        expect(source!.length).toBeLessThan(140);
      }),
    );
  });
});
