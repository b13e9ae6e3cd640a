// Every row is in one place of the tree of modules, whatever the names; equal modules are one child.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PageModule } from '../../../src/report/html/document.ts';
import { moduleTree } from '../../../src/report/html/modules.ts';
import { rowScopes } from '../../../src/report/html/scopes.ts';
import { layer, overheadRow, row } from '../reports.ts';

const nothing = { base: null, head: null };

function rowOf(name: string, op = 'Conv') {
  const same = layer({ name, op });
  return row([same], [same]);
}

function treeOf(names: readonly string[], opOf: (name: string) => string = () => 'Conv'): PageModule {
  const rows = names.map((name) => rowOf(name, opOf(name)));
  return moduleTree(rows, rowScopes(rows, nothing));
}

function rowsIn(module: PageModule): readonly number[] {
  return module.children.flatMap((child) => (typeof child === 'number' ? [child] : rowsIn(child)));
}

function modulesIn(module: PageModule): readonly PageModule[] {
  return [module, ...module.children.flatMap((child) => (typeof child === 'number' ? [] : modulesIn(child)))];
}

/** `title (children)`, rows by their number. */
function printed({ title, children }: PageModule): string {
  return `${title}(${children.map((child) => (typeof child === 'number' ? child : printed(child))).join(' ')})`;
}

describe('modules', () => {
  test('are the scopes of names; one row needs none, and one inside of another is told with it', () => {
    const names = ['/stem/Conv', '/stage/0/a/Conv', '/stage/0/a/Relu', '/stage/0/b/Add', '/head/Gemm'];
    expect(printed(treeOf(names, (name) => name))).toBe('(0 stage/0(a(1 2) 3) 4)');
  });

  test('what all rows share is no module', () => {
    expect(printed(treeOf(['/net/a/Conv', '/net/a/Relu', '/net/Add'], (name) => name))).toBe('(a(0 1) 2)');
  });

  test('stand where their first row stands', () => {
    expect(printed(treeOf(['a/x', 'b/x', 'a/y', 'b/y'], (name) => name))).toBe('(a(0 2) b(1 3))');
  });

  test('the file overhead is a row of the whole model', () => {
    const rows = [rowOf('/net/a/x'), rowOf('/net/a/y'), overheadRow(12)];
    expect(printed(moduleTree(rows, rowScopes(rows, nothing)))).toBe('(0 1 2)');
  });
});

describe('repeats', () => {
  const block = (index: number) => ['q', 'k', 'v'].map((part) => `/encoder/layer.${index}/${part}/MatMul`);

  test('equal modules next to one another are one', () => {
    const tree = treeOf(['/embed/Gather', ...Array.from({ length: 12 }, (_, index) => block(index)).flat()]);
    const [, encoder] = tree.children as readonly [number, PageModule];
    expect(encoder).toMatchObject({ kind: 'repeat', title: 'encoder/layer.0…11 ×12' });
    expect(encoder.children).toHaveLength(12);
  });

  test('one that differs parts them', () => {
    const names = Array.from({ length: 12 }, (_, index) => block(index)).flat();
    const tree = treeOf(names, (name) => (name.includes('layer.5/k') ? 'Gemm' : 'MatMul'));
    expect(tree.children.map((child) => (child as PageModule).title)).toEqual([
      ...['layer.0…4 ×5', 'layer.5', 'layer.6…11 ×6'],
    ]);
  });

  test('where names tell nothing, equal stretches are found', () => {
    const operators = ['Conv', 'Relu', 'Conv', 'Add'];
    const names = Array.from({ length: 40 }, (_, index) => `${operators[index % 4]!}_${index}`);
    const tree = treeOf(['Pad_9', ...names], (name) => name.replace(/_\d+/, ''));
    expect(tree.children[0]).toBe(0);
    const repeat = tree.children[1] as PageModule;
    expect(repeat).toMatchObject({ kind: 'repeat', title: 'Conv_* … Add_* ×10' });
    expect(repeat.children.map((child) => (child as PageModule).kind)).toEqual(Array(10).fill('stretch'));
  });

  test('layers of one kind are no part that repeats', () => {
    const names = Array.from({ length: 40 }, (_, index) => `Conv_${index}`);
    expect(treeOf(names).children).toEqual([...names.keys()]);
  });
});

describe('long levels', () => {
  test('are cut into stretches of about one length', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `node_${index * index}`);
    const tree = treeOf(names, (name) => name);
    expect(tree.children).toHaveLength(25);
    expect(tree.children[0]).toMatchObject({ kind: 'stretch', title: 'node_0 … node_1521' });
    expect(tree.children.map((child) => (child as PageModule).children.length)).toEqual(Array(25).fill(40));
  });

  test('so are their stretches', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `n${index}`);
    const tree = treeOf(names, (name) => name);
    for (const { children } of modulesIn(tree)) expect(children.length).toBeLessThanOrEqual(60);
    expect(rowsIn(tree)).toEqual([...names.keys()]);
  });
});

describe('any names', () => {
  const part = fc.oneof(
    fc.constantFrom('a', 'b', 'layer.0', 'layer.1', '0', '1', '', '/', '.', ';', '__proto__', '×2', 'repeat', '~2'),
    fc.string({ maxLength: 4 }),
  );
  const name = fc.array(part, { minLength: 1, maxLength: 16 }).map((parts) => parts.join('/'));

  test('every row is in one place, and every module has an id of its own', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.constantFrom('Conv', 'Add')), { maxLength: 120 }), (given) => {
        const rows = given.map(([one, op]) => rowOf(one, op));
        const tree = moduleTree(rows, rowScopes(rows, nothing));
        expect(rowsIn(tree).toSorted((a, b) => a - b)).toEqual([...rows.keys()]);
        const modules = modulesIn(tree);
        expect(new Set(modules.map(({ id }) => id)).size).toBe(modules.length);
        expect(tree).toMatchObject({ id: '', kind: 'module' });
      }),
      { numRuns: 300 },
    );
  });

  test('of 10,000 characters, and a thousand scopes deep', () => {
    const long = 'x'.repeat(10_000);
    const deep = Array.from({ length: 1000 }, (_, index) => `s${index}`).join('/');
    const names = [`${long}/a`, `${long}/b`, `${long}y/a`, `${long}y/b`, `${deep}/a`, `${deep}/b`];
    const tree = treeOf(names, (one) => one.slice(-1));
    expect(rowsIn(tree)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { id, title } of modulesIn(tree)) expect(Math.max(id.length, title.length)).toBeLessThan(210);
  });
});

test("PyTorch's newer exporter tells modules in the metadata", () => {
  const rows = ['node_conv2d', 'node_relu', 'node_conv2d_1', 'node_mean'].map((name) => rowOf(name, name));
  const scopes = ["['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d']", "['', 'layer1', 'layer1.0', 'relu']"];
  const told = [scopes[0]!, scopes[1]!, "['', 'layer1', 'layer1.1', 'layer1.1.conv1', 'conv2d']", "['', 'mean']"];
  const nodes = rows.map(({ name, head }, index) => ({
    ...{ id: head[0]!.id, name, operator: 'Conv', domain: '', version: 17, inputs: [], outputs: [] },
    ...{ attributes: new Map(), sources: [head[0]!.id], repetitions: 1 },
    metadata: new Map([['pkg.torch.onnx.name_scopes', told[index]!]]),
  }));
  const graph = {
    name: '',
    inputs: [],
    outputs: [],
    nodes,
    initializers: new Map(),
    tensors: new Map(),
    values: new Map(),
  };
  const read = rowScopes(rows, { base: null, head: { graph, model: { graph } } });
  expect(read).toEqual([['layer1.', '0.', 'conv1.'], ['layer1.', '0.'], ['layer1.', '1.', 'conv1.'], []]);
});
