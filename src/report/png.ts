/** SVG charts as PNG, the same bytes on every machine: the only font is the one handed in. */
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { fontName } from './chart/font-widths.ts';

export type PngRenderer = (svg: string) => Uint8Array;

let ready: Promise<void> | undefined;

/**
 * `wasm`: the bytes of resvg's WebAssembly module; `font`: those of a TrueType file. The module is started once.
 *
 * The returned function takes an SVG with its size in pixels and draws it at twice that, for sharp screens.
 */
export async function pngRenderer(wasm: Uint8Array, font: Uint8Array): Promise<PngRenderer> {
  ready ??= initWasm(wasm);
  await ready;
  return (svg) => {
    const options = { loadSystemFonts: false, fontBuffers: [font], defaultFontFamily: fontName };
    const resvg = new Resvg(svg, { font: options, fitTo: { mode: 'zoom', value: 2 } });
    const image = resvg.render();
    const png = image.asPng();
    image.free();
    resvg.free();
    return png;
  };
}
