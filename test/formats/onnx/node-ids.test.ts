import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignIds, noNodeIds } from '../../../src/formats/onnx/node-ids.ts';

const node = (name: string, ...outputs: string[]) => ({ name, operator: 'Op', outputs });

test('a node is known by its name, else by its first output, else by its operator', () => {
  const nodes = [node('a', 'x'), node('', '', 'y'), node(''), node('twice', 'p'), node('twice', 'q')];
  expect(assignIds(nodes, '', noNodeIds())).toEqual(['a', 'y', 'Op', 'p', 'q']);
});

test('a name of its own goes before the output of a nameless node', () => {
  expect(assignIds([node('', 'a'), node('a', 'b')], '', noNodeIds())).toEqual(['a#2', 'a']);
});

test('bodies have a prefix, and what clashes over all bodies gets a number', () => {
  const ids = noNodeIds();
  expect(assignIds([node('if/then/a', 'x')], '', ids)).toEqual(['if/then/a']);
  expect(assignIds([node('a', 'x'), node('b', 'y')], 'if/then/', ids)).toEqual(['if/then/a#2', 'if/then/b']);
});

test('ids are unique, whatever the names', () => {
  const names = fc.constantFrom('', 'a', 'a#2', 'a#3', 'b');
  const nodes = fc.array(
    fc.record({ name: names, operator: fc.constant('a'), outputs: fc.array(names, { maxLength: 2 }) }),
  );
  fc.assert(
    fc.property(nodes, (list) => {
      const ids = assignIds(list, '', noNodeIds());
      expect(new Set(ids).size).toBe(list.length);
    }),
  );
});

test('100,000 nodes of one name take no quadratic time', () => {
  const list = Array.from({ length: 100_000 }, () => node('same', 'out'));
  const ids = assignIds(list, '', noNodeIds());
  expect(ids.at(-1)).toBe('out#100000');
});
