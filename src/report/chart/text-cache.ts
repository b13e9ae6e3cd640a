/**
 * The chart library keeps the width of each text that it draws in a plain object, by the text. A layer called `__proto__`
 * would find the prototype of all objects there, and be written into it: of the whole process, for every chart after it.
 */
import LRU from 'zrender/lib/core/LRU.js';

/** In front of every key: no name that objects have by birth begins like this. */
const prefix = ' ';

let guarded = false;

/** Before the first chart is drawn. */
export function guardTextCache(): void {
  if (guarded) return;
  guarded = true;
  const cache: Pick<LRU<unknown>, 'get' | 'put'> = LRU.prototype;
  const original = { ...cache };
  cache.get = function (key) {
    return original.get.call(this, prefix + String(key));
  };
  cache.put = function (key, value) {
    return original.put.call(this, prefix + String(key), value);
  };
}
